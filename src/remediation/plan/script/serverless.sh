
# ---- A DMS Serverless config under the new key -------------------------------------------------------------------

# Of the source's replication or of another's.
replication() {
    local wanted
    wanted=$(filter replication-config-arn "$1")
    look dms describe-replications --filters="$wanted" --query "Replications[0].$2"
}

config_arn() { look dms describe-replication-configs --filters="$1" --query 'ReplicationConfigs[0].ReplicationConfigArn'; }

stop_source() {
    local status
    step='stopping the replication'
    status=$(replication "$source_arn" Status)
    case $status in
        '' | created | ready | stopped | failed | stopping) ;;
        running)
            [ "$captures_changes" = yes ] ||
                die 'it is loading: stopped, it could only begin again. Wait until it has finished, then run this again'
            remember "$source_arn"
            say "stopping $source_arn"
            call dms stop-replication --replication-config-arn="$source_arn" >/dev/null
            ;;
        *) die "its replication is $status, and can't be stopped now. Run this again later" ;;
    esac
    wait_from_now
    while :; do
        status=$(replication "$source_arn" Status)
        case $status in
            stopping | running) pause 'stopping the replication' ;;
            *) break ;;
        esac
    done
}

start_source_again() {
    if remembered "$source_arn"; then
        say "starting $source_arn again"
        call dms start-replication --replication-config-arn="$source_arn" --start-replication-type=resume-processing >/dev/null
        forget "$source_arn"
    fi
}

# Sets new_arn.
create() {
    step='making the new config'
    local file=config.json input checkpoint status
    new_arn=$(config_arn "$new_filter")
    if [ -z "$new_arn" ]; then
        status=$(replication "$source_arn" Status)
        checkpoint=$(replication "$source_arn" RecoveryCheckpoint)
        # What has loaded goes on with the changes alone.
        if [ "$captures_changes" = yes ] && { [ "$status" = running ] || [ -n "$checkpoint" ]; }; then
            file=config-from-checkpoint.json
        fi
        input=$(put "$(cat "$file")" "$key_marker" "\"$key_arn\"")
        printf '%s' "$input" >"$work/config.json"
        new_arn=$(call dms create-replication-config --cli-input-json "file://$work/config.json" \
            --query ReplicationConfig.ReplicationConfigArn)
        say "made $new_arn"
    else
        is_ours "$new_arn" "$source_arn"
    fi
}

start_new() {
    remembered "$source_arn" || return 0
    step='starting the new replication'
    local status checkpoint
    checkpoint=$(replication "$source_arn" RecoveryCheckpoint)
    status=$(replication "$new_arn" Status)
    case $status in
        '' | created | ready | stopped | failed)
            say "starting $new_arn from ${checkpoint:-its beginning}"
            if ! call dms start-replication --replication-config-arn="$new_arn" --start-replication-type=start-replication \
                ${checkpoint:+--cdc-start-position="$checkpoint"} >/dev/null; then
                start_source_again
                die 'the new replication did not start'
            fi
            a_moment
            ;;
    esac
    wait_from_now
    while :; do
        status=$(replication "$new_arn" Status)
        case $status in
            running) break ;;
            failed | stopped)
                replication "$new_arn" '[StopReason, FailureMessages]' | clean >&2
                start_source_again
                die 'the new replication did not run'
                ;;
        esac
        pause 'starting the new replication'
    done
    forget "$source_arn"
    say "$new_arn is running"
}

main() {
    local status
    start "$@"
    step='looking for the source'
    status=$(config_arn "$source_filter")
    new_arn=$(config_arn "$new_filter")
    if [ -z "$status" ]; then
        [ -n "$new_arn" ] || die "there is neither $source_arn nor its replacement in $region of account $account"
        is_ours "$new_arn" "$source_arn"
        say 'the old config is gone, and its replacement is there'
        told
        exit 0
    fi
    the_key
    if [ "$check_only" = yes ]; then
        say "replication: $(replication "$source_arn" Status); new config: ${new_arn:-not there yet}; nothing was changed"
        exit 0
    fi
    create
    stop_source
    start_new
    allow_deletion "the config $source_arn"
    step='deleting the old config'
    if [ "$(replication "$source_arn" Status)" != deleting ]; then
        call dms delete-replication-config --replication-config-arn="$source_arn" >/dev/null
        say "deleting $source_arn"
    fi
    wait_from_now
    while [ -n "$(config_arn "$source_filter")" ]; do pause 'deleting the config'; done
    told
}

main "$@"
