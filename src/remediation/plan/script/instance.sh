
# ---- A replication instance under the new key --------------------------------------------------------------------

# The settings that have to be the same.
settings='ReplicationInstances[0].{Class: ReplicationInstanceClass, Storage: AllocatedStorage,
    Groups: sort((VpcSecurityGroups || `[]`)[].VpcSecurityGroupId), Window: PreferredMaintenanceWindow,
    Subnets: ReplicationSubnetGroup.ReplicationSubnetGroupIdentifier, MultiAZ: MultiAZ, Zone: !MultiAZ && AvailabilityZone,
    Version: EngineVersion, Upgrade: AutoMinorVersionUpgrade, Public: PubliclyAccessible, Dns: DnsNameServers,
    Network: NetworkType, Kerberos: KerberosAuthenticationSettings.KeyCacheSecretId}'

source_status() {
    look dms describe-replication-instances --filters="$source_filter" --query 'ReplicationInstances[0].ReplicationInstanceStatus'
}

# Sets new_arn, new_status and new_key; empty if it is not there.
find_new() {
    local row
    row=$(look dms describe-replication-instances --filters="$new_filter" \
        --query 'ReplicationInstances[0].[ReplicationInstanceArn, ReplicationInstanceStatus, KmsKeyId]')
    new_arn='' new_status='' new_key=''
    [ -z "$row" ] || IFS=$'\t' read -r new_arn new_status new_key <<<"$row"
}

create() {
    step='making the new instance'
    find_new
    if [ -z "$new_arn" ]; then
        new_arn=$(call dms create-replication-instance --cli-input-json file://instance.json --kms-key-id="$key_arn" \
            --query ReplicationInstance.ReplicationInstanceArn)
        say "made $new_arn; this takes some minutes"
    else
        is_ours "$new_arn" "$source_arn"
    fi
    step='waiting for the new instance'
    wait_from_now
    while :; do
        find_new
        case $new_status in
            available) break ;;
            failed | incompatible-* | deleting | inaccessible-*)
                die "the new instance is $new_status. The source is untouched; delete the new one and look at the key's policy"
                ;;
        esac
        pause 'making the instance'
    done
    [ "$new_key" = "$key_arn" ] || die "$new_arn has the key $new_key, not $key_arn"
    say "$new_arn is available"
}

compare() {
    step='comparing the two instances'
    local old new
    old=$(look dms describe-replication-instances --filters="$source_filter" --query "$settings" --output json)
    new=$(look dms describe-replication-instances --filters="$new_filter" --query "$settings" --output json)
    if [ "$old" != "$new" ]; then
        printf 'the source:\n%s\nthe new one:\n%s\n' "$old" "$new" | clean >&2
        die 'the new instance is not what the source is. The source is untouched'
    fi
    say 'the new instance has every setting of the source'
}

connections() {
    step='testing the connections of the new instance'
    local wanted endpoints endpoint
    for instance in "$source_arn" "$new_arn"; do
        wanted=$(filter replication-instance-arn "$instance")
        endpoints=$(look dms describe-replication-tasks --without-settings --filters="$wanted" \
            --query 'ReplicationTasks[].[SourceEndpointArn, TargetEndpointArn][]')
        for endpoint in $(printf '%s' "$endpoints" | tr '\t' '\n' | sort -u); do
            test_connection "$new_arn" "$endpoint"
        done
    done
}

move_task() {
    step="moving $1"
    local status instance row
    status=$(task_status "$1")
    if [ "$status" != moving ]; then
        stop_task "$1"
        say "moving $1"
        if ! call dms move-replication-task --replication-task-arn="$1" --target-replication-instance-arn="$new_arn" >/dev/null; then
            start_again "$1"
            die "$1 could not be moved"
        fi
        a_moment
    fi
    wait_from_now
    while :; do
        row=$(task "$1" '[Status, ReplicationInstanceArn]')
        IFS=$'\t' read -r status instance <<<"$row"
        if [ "$status" = failed-move ]; then
            start_again "$1"
            die "$1 could not be moved"
        fi
        if [ "$instance" = "$new_arn" ] && [ "$status" != moving ]; then break; fi
        pause "moving $1"
    done
    say "moved $1"
    go_on "$1"
}

# A task that ran before it was moved runs again.
go_on() {
    remembered "$1" || return 0
    step="starting $1 on the new instance"
    run_task "$1" resume-processing || die "$1 did not start on the new instance. It is there, and can be started or moved back"
    forget "$1"
}

delete() {
    local left status
    step='looking whether a task is left on the source'
    left=$(tasks_by replication-instance-arn "$source_arn")
    [ -z "$left" ] || die "the source still has $left. Run this again"
    status=$(source_status)
    if [ "$status" != deleting ]; then
        allow_deletion "the instance $source_arn"
        step='deleting the source'
        call dms delete-replication-instance --replication-instance-arn="$source_arn" >/dev/null
        say "deleting $source_arn; this takes some minutes"
    fi
    step='waiting until the source is gone'
    until_gone 'deleting the source' source_status
}

main() {
    local status tasks task
    start "$@"
    step='looking for the source'
    status=$(source_status)
    find_new
    case $status in
        available | deleting) ;;
        '')
            [ -n "$new_arn" ] || die "there is neither $source_arn nor its replacement in $region of account $account"
            is_ours "$new_arn" "$source_arn"
            say 'the source is gone, and its replacement is there'
            ;;
        *) die "$source_arn is $status: wait until it is available" ;;
    esac
    if [ "$check_only" = yes ]; then
        the_key
        say "source: ${status:-gone}; new one: ${new_status:-not there yet}; nothing was changed"
        exit 0
    fi
    if [ "$status" = available ]; then
        the_key
        create
        compare
        connections
        tasks=$(tasks_by replication-instance-arn "$source_arn")
        for task in $tasks; do move_task "$task"; done
    fi
    step='starting what an earlier run moved'
    tasks=$(tasks_by replication-instance-arn "$new_arn")
    for task in $tasks; do go_on "$task"; done
    [ -z "$status" ] || delete
    told
}

main "$@"
