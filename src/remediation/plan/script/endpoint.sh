
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
    each_task as_planned
}

# The new task is made of what AWS said when the plan was made: a table that was added since would silently be left behind.
as_planned() {
    local wanted found
    wanted=$(filter replication-task-arn "$1")
    found=$(look dms describe-replication-tasks --filters="$wanted" --query 'ReplicationTasks[0].[MigrationType, TableMappings]')
    [ -z "$found" ] || same_mappings "$1" "$found" "$4" "$3.mappings.txt"
}

connections() {
    step='testing the connections to the new endpoint'
    local old name file type instance
    while IFS='|' read -r -u 3 old name file type; do
        [ -n "$old" ] || continue
        instance=$(task "$old" ReplicationInstanceArn)
        [ -z "$instance" ] || test_connection "$instance" "$new_arn"
    done 3<<<"$tasks"
}

task_named() {
    look dms describe-replication-tasks --without-settings \
        --filters="[{\"Name\":\"replication-task-id\",\"Values\":[\"$1\"]}]" --query 'ReplicationTasks[0].ReplicationTaskArn'
}

await_made() {
    local status
    wait_from_now
    while :; do
        status=$(task_status "$1")
        [ "$status" = creating ] || break
        pause "making $1"
    done
}

# Deletes the new task $1. It is called in conditions, so each call says itself what follows.
drop_new() {
    say "deleting $1, which is to be made anew"
    call dms delete-replication-task --replication-task-arn="$1" >/dev/null || return 1
    until_gone "deleting $1" task_status "$1" || return 1
}

# Sets new to what stands in the place of $1 as $2, or to nothing where it has to be made. What an earlier run left can be behind
# by now: the old task may have run on since.
find_new_task() {
    local old=$1 name=$2 file=$3 row old_status old_checkpoint status checkpoint position runs=no behind=no
    new=$(task_named "$name")
    [ -n "$new" ] || return 0
    is_ours "$new" "$old"
    await_made "$new"
    row=$(task "$old" "[Status, RecoveryCheckpoint || 'None']")
    IFS=$'\t' read -r old_status old_checkpoint <<<"$row"
    row=$(task "$new" "[Status, RecoveryCheckpoint || 'None', CdcStartPosition]")
    IFS=$'\t' read -r status checkpoint position <<<"$row"
    case $old_status in running | starting) runs=yes ;; esac
    if [ -f "$file-from-checkpoint.json" ] && [ "$old_checkpoint" != None ] && [ "$position" != "$old_checkpoint" ]; then
        behind=yes
    fi
    case $status/$checkpoint in
        deleting/*)
            until_gone "deleting $new" task_status "$new"
            new=''
            ;;
        ready/None | failed/None)
            # A start that failed can't be made again: DMS starts a task afresh only once.
            if [ "$status" = failed ] && remembered "$old"; then behind=yes; fi
            if [ "$runs$behind" != nono ]; then
                drop_new "$new"
                new=''
            fi
            ;;
        *)
            if [ "$runs" = yes ] || { [ "$behind" = yes ] && remembered "$old"; }; then
                die "both $old and $new have run: nobody knows which is further; delete the one that is not to go on"
            fi
            ;;
    esac
}

# Stops the old task $1 and sets new to the one made in its place, as $2 from the file $3.
make_task() {
    local old=$1 name=$2 file=$3 checkpoint input
    stop_task "$old"
    checkpoint=$(task "$old" RecoveryCheckpoint)
    if [ -n "$checkpoint" ] && [ -f "$file-from-checkpoint.json" ]; then
        input=$(cat "$file-from-checkpoint.json")
        input=$(put "$input" "$checkpoint_marker" "$(json_string "$checkpoint")")
        say "$old stopped at $(printf '%s' "$checkpoint" | clean)"
    elif remembered "$old"; then
        # Started from nothing, it would load again or miss what changed meanwhile.
        start_again "$old"
        die "AWS says no checkpoint from which $name could go on"
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
    await_made "$new"
}

# A task's endpoints can't change: the task is made anew as $2 from the file $3, and runs if $1 ran.
renew_task() {
    local old=$1 name=$2 file=$3 new status how='start-replication'
    step="making $old anew"
    status=$(task_status "$old")
    # Deleted by an earlier run, which had come to the end.
    case $status in '' | deleting) return 0 ;; esac
    find_new_task "$old" "$name" "$file"
    [ -n "$new" ] || make_task "$old" "$name" "$file"
    remembered "$old" || return 0
    status=$(task_status "$new")
    [ "$status" = ready ] || how='resume-processing'
    if ! run_task "$new" "$how"; then
        # Made anew by the next run, from where the old one will be then. Only what is gone can't run beside the old one.
        if [ "$how" = resume-processing ] || ! drop_new "$new"; then
            die "$new does not run, and $old has stopped: look at the new one, then run this again"
        fi
        start_again "$old"
        die "$new did not start"
    fi
    forget "$old"
}

# Dies unless what took over from the old task $1 is there and does what that did.
took_over() {
    local old=$1 name=$2 status new row reason
    status=$(task_status "$old")
    case $status in
        '' | deleting) return 0 ;;
        running | starting) die "$old runs again, beside the one in its place: stop one of them" ;;
    esac
    new=$(task_named "$name")
    [ -n "$new" ] || die "$name, which is to take over from $old, is not there: run this again. Nothing was deleted"
    is_ours "$new" "$old"
    row=$(task "$new" '[Status, StopReason]')
    IFS=$'\t' read -r status reason <<<"$row"
    case $status/$reason in
        running/* | stopped/*FULL_LOAD_ONLY_FINISHED*) ;;
        failed/*) die "$new, in the place of $old, is failed: mend it, or delete it and run this again. Nothing was deleted" ;;
        *)
            ! remembered "ran:$old" ||
                die "$old ran, and $new in its place is $status: start it and run this again. Nothing was deleted"
            ;;
    esac
}

each_task() {
    local old name file type
    while IFS='|' read -r -u 4 old name file type; do
        [ -z "$old" ] || "$1" "$old" "$name" "$file" "$type"
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
        step='looking whether the new tasks do what the old ones did'
        each_task took_over
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
