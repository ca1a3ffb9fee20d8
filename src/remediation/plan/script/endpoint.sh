
# ---- An endpoint under the new key -------------------------------------------------------------------------------

source_status() { look dms describe-endpoints --filters="$source_filter" --query 'Endpoints[0].Status'; }

# Sets new_arn, new_status and new_key; empty if it is not there.
find_new() {
    local row
    row=$(look dms describe-endpoints --filters="$new_filter" --query 'Endpoints[0].[EndpointArn, Status, KmsKeyId]')
    new_arn='' new_status='' new_key=''
    [ -z "$row" ] || IFS=$'\t' read -r new_arn new_status new_key <<<"$row"
}

# Sets password and attributes. They stand in this process and in pipes only: no file, no command line has them.
read_secrets() {
    local path variable how value
    password='' attributes=''
    while IFS='|' read -r -u 3 path variable how; do
        [ -n "$path" ] || continue
        value=${!variable:-}
        if [ -z "$value" ] && [ "$how" = told ]; then
            value=$(look dms describe-endpoints --filters="$source_filter" --query "Endpoints[0].$path")
        elif [ -z "$value" ]; then
            [ -t 0 ] || die "set $variable: the new endpoint needs $path, and AWS tells nobody what the old one has"
            printf '%s of the new endpoint (not shown): ' "$path" >&2
            IFS= read -rs value
            printf '\n' >&2
        fi
        case $path in
            Password) password=$value ;;
            ExtraConnectionAttributes) attributes=$value ;;
            *) die "a script can't hand over $path without writing it down: use keywatch remediate apply, or Secrets Manager" ;;
        esac
    done 3<<<"$secrets"
}

create() {
    step='making the new endpoint'
    find_new
    if [ -z "$new_arn" ]; then
        read_secrets
        set -- --kms-key-id="$key_arn"
        [ -z "$password" ] || set -- "$@" --password=file:///dev/fd/7
        [ -z "$attributes" ] || set -- "$@" --extra-connection-attributes=file:///dev/fd/8
        new_arn=$(call dms create-endpoint --cli-input-json file://endpoint.json "$@" --query Endpoint.EndpointArn \
            7< <(printf '%s' "$password") 8< <(printf '%s' "$attributes"))
        password=''
        say "made $new_arn"
    else
        is_ours "$new_arn" "$source_arn"
    fi
    wait_from_now
    while :; do
        find_new
        case $new_status in
            active) break ;;
            creating | modifying | '') pause 'making the endpoint' ;;
            *) die "the new endpoint is $new_status. The old one is untouched" ;;
        esac
    done
    [ "$new_key" = "$key_arn" ] || die "$new_arn has the key $new_key, not $key_arn"
}

# Tasks that were not there when the plan was made are not in it.
all_planned() {
    step='looking for what uses the endpoint'
    local found task
    found=$(look dms describe-replication-configs --query \
        "ReplicationConfigs[?SourceEndpointArn=='$source_arn' || TargetEndpointArn=='$source_arn'].ReplicationConfigArn")
    [ -z "$found" ] || die "$found uses the endpoint too, which can't be deleted before: give it another endpoint first"
    found=$(tasks_by endpoint-arn "$source_arn")
    for task in $found; do
        case $tasks in
            *"$task|"*) ;;
            *) die "$task uses the endpoint too and is not in this plan: plan again" ;;
        esac
    done
}

connections() {
    step='testing the connections to the new endpoint'
    local old name file instance
    while IFS='|' read -r -u 3 old name file; do
        [ -n "$old" ] || continue
        instance=$(task "$old" ReplicationInstanceArn)
        [ -z "$instance" ] || test_connection "$instance" "$new_arn"
    done 3<<<"$tasks"
}

task_named() {
    look dms describe-replication-tasks --without-settings \
        --filters="[{\"Name\":\"replication-task-id\",\"Values\":[\"$1\"]}]" --query 'ReplicationTasks[0].ReplicationTaskArn'
}

# A task's endpoints can't change: the task is made anew as $2 from the file $3, and runs if $1 ran.
renew_task() {
    local old=$1 name=$2 file=$3 new checkpoint input status
    step="making $old anew"
    new=$(task_named "$name")
    [ -z "$new" ] || is_ours "$new" "$old"
    status=$(task_status "$old")
    # Deleted by an earlier run, which had come to the end.
    [ -n "$status" ] || return 0
    if [ -z "$new" ]; then
        stop_task "$old"
        checkpoint=$(task "$old" RecoveryCheckpoint)
        if [ -n "$checkpoint" ] && [ -f "$file-from-checkpoint.json" ]; then
            input=$(cat "$file-from-checkpoint.json")
            input=$(put "$input" "$checkpoint_marker" "$(json_string "$checkpoint")")
            say "$old stopped at $(printf '%s' "$checkpoint" | clean)"
        else
            input=$(cat "$file.json")
        fi
        input=$(put "$input" "$endpoint_marker" "\"$new_arn\"")
        printf '%s' "$input" >"$work/task.json"
        if ! new=$(call dms create-replication-task --cli-input-json "file://$work/task.json" \
            --query ReplicationTask.ReplicationTaskArn); then
            start_again "$old"
            die "$name could not be made"
        fi
        say "made $new"
    fi
    wait_from_now
    while :; do
        status=$(task_status "$new")
        [ "$status" = creating ] || break
        pause "making $name"
    done
    remembered "$old" || return 0
    if ! run_task "$new" start-replication; then
        start_again "$old"
        die "$new did not start"
    fi
    forget "$old"
}

each_task() {
    local old name file
    while IFS='|' read -r -u 4 old name file; do
        [ -z "$old" ] || "$1" "$old" "$name" "$file"
    done 4<<<"$tasks"
}

delete_task() {
    local status
    status=$(task_status "$1")
    case $status in
        '') return 0 ;;
        running | starting) die "$1 runs again, beside the one in its place: stop one of them" ;;
        deleting) ;;
        *)
            call dms delete-replication-task --replication-task-arn="$1" >/dev/null
            say "deleting $1"
            ;;
    esac
    until_gone "deleting $1" task_status "$1"
}

main() {
    local status
    start "$@"
    step='looking for the source'
    status=$(source_status)
    find_new
    case $status in
        active | deleting) ;;
        '')
            [ -n "$new_arn" ] || die "there is neither $source_arn nor its replacement in $region of account $account"
            is_ours "$new_arn" "$source_arn"
            say 'the old endpoint is gone, and its replacement is there'
            told
            exit 0
            ;;
        *) die "$source_arn is $status: wait until it is active" ;;
    esac
    all_planned
    if [ "$check_only" = yes ]; then
        the_key
        say "source: $status; new one: ${new_status:-not there yet}; nothing was changed"
        exit 0
    fi
    if [ "$status" = active ]; then
        the_key
        create
        connections
        each_task renew_task
        allow_deletion "the endpoint $source_arn and the tasks that used it"
        step='deleting the old tasks'
        each_task delete_task
        step='deleting the old endpoint'
        call dms delete-endpoint --endpoint-arn="$source_arn" >/dev/null
        say "deleting $source_arn"
    fi
    step='waiting until the old endpoint is gone'
    until_gone 'deleting the endpoint' source_status
    told
}

main "$@"
