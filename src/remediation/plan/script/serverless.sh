
# ---- A DMS Serverless config under the new key -------------------------------------------------------------------

# Of the source's replication or of another's.
replication() {
    local wanted
    wanted=$(filter replication-config-arn "$1") || return 1
    look dms describe-replications --filters="$wanted" --query "Replications[0].$2"
}

# AWS spells what has failed in several ways (failed, FAILED_PROVISION): here it is one word.
status_of() {
    local status
    status=$(replication "$1" Status) || return 1
    case $status in [Ff][Aa][Ii][Ll][Ee][Dd]*) status=failed ;; esac
    printf '%s' "$status"
}

config_arn() { look dms describe-replication-configs --filters="$1" --query 'ReplicationConfigs[0].ReplicationConfigArn'; }

stop_source() {
    local status
    step='stopping the replication'
    status=$(status_of "$source_arn")
    case $status in
        '' | created | ready | stopped | failed | stopping) ;;
        running)
            [ "$captures_changes" = yes ] ||
                die 'it is loading: stopped, it could only begin again. Wait until it has finished, then run this again'
            # The second line stays when the first is done with: the deletion asks for it.
            remember "ran:$source_arn"
            remember "$source_arn"
            say "stopping $source_arn"
            call dms stop-replication --replication-config-arn="$source_arn" >/dev/null
            ;;
        *) die "its replication is $status, and can't be stopped now. Run this again later" ;;
    esac
    wait_from_now
    while :; do
        status=$(status_of "$source_arn")
        case $status in
            stopping | running) pause 'stopping the replication' ;;
            *) break ;;
        esac
    done
}

start_source_again() {
    if remembered "$source_arn"; then
        say "starting $source_arn again"
        call dms start-replication --replication-config-arn="$source_arn" --start-replication-type=resume-processing >/dev/null ||
            die "$source_arn did not start: look at it now, or run this again to go on"
        forget "$source_arn"
        forget "ran:$source_arn"
    fi
}

# Deletes the new config. It is called in conditions, so each call says itself what follows.
drop_new() {
    say "deleting $new_arn, which is to be made anew"
    call dms delete-replication-config --replication-config-arn="$new_arn" >/dev/null || return 1
    until_gone "deleting $new_arn" config_arn "$new_filter" || return 1
}

# After the new replication did not start. Only what is gone can't run beside the source; and DMS starts a replication afresh only
# once, so the next run makes another.
take_back() {
    drop_new || die "$new_arn does not run and can't be deleted now, and the source has stopped: run this again to go on"
    start_source_again
}

# Sets type and file, those of the new config. What has loaded goes on with the changes alone.
find_type() {
    local status checkpoint
    type=$replication_type file=config.json
    [ "$captures_changes" = yes ] || return 0
    status=$(status_of "$source_arn")
    checkpoint=$(replication "$source_arn" RecoveryCheckpoint)
    case $status in running | stopping) checkpoint=running ;; esac
    if [ -n "$checkpoint" ] || remembered "$source_arn"; then type=cdc file=config-from-checkpoint.json; fi
}

# Sets new_arn to what an earlier run left, or to nothing where it has to be made. Nothing has been stopped by then.
find_new_config() {
    local source_status status checkpoint found_type
    new_arn=$(config_arn "$new_filter")
    [ -n "$new_arn" ] || return 0
    is_ours "$new_arn" "$source_arn"
    source_status=$(status_of "$source_arn")
    status=$(status_of "$new_arn")
    checkpoint=$(replication "$new_arn" RecoveryCheckpoint)
    case $status in
        '' | created | ready)
            # The source may have begun since.
            found_type=$(config_type)
            [ "$found_type" != "$type" ] || return 0
            ;;
        deleting)
            until_gone "deleting $new_arn" config_arn "$new_filter"
            new_arn=''
            return 0
            ;;
        failed) [ -z "$checkpoint" ] || status=ran ;;
        stopped) if [ -n "$checkpoint" ] || [ "$captures_changes" = no ]; then status=ran; fi ;;
        *) status=ran ;;
    esac
    if [ "$status" = ran ]; then
        [ "$source_status" != running ] ||
            die "both $source_arn and $new_arn have run, and the source runs: delete the new one, then run this again"
        return 0
    fi
    drop_new
    new_arn=''
}

config_type() { look dms describe-replication-configs --filters="$new_filter" --query 'ReplicationConfigs[0].ReplicationType'; }

# The new config is made of what AWS said when the plan was made: a table that was added since would silently be left behind.
as_planned() {
    step='comparing the config with the plan'
    local found
    found=$(look dms describe-replication-configs --filters="$source_filter" \
        --query 'ReplicationConfigs[0].[ReplicationType, TableMappings]')
    [ -z "$found" ] || same_mappings "$source_arn" "$found" "$replication_type" config.mappings.txt
}

# Sets new_arn.
create() {
    step='making the new config'
    local type file input
    find_type
    find_new_config
    [ -z "$new_arn" ] || return 0
    input=$(put "$(cat "$file")" "$key_marker" "\"$key_arn\"")
    printf '%s' "$input" >"$work/config.json"
    if ! new_arn=$(call dms create-replication-config --cli-input-json "file://$work/config.json" \
        --query ReplicationConfig.ReplicationConfigArn); then
        start_source_again
        die 'the new config could not be made'
    fi
    say "made $new_arn"
}

start_new() {
    remembered "$source_arn" || return 0
    step='starting the new replication'
    local status checkpoint
    status=$(status_of "$new_arn")
    checkpoint=$(replication "$source_arn" RecoveryCheckpoint)
    case $status in
        '' | created | ready)
            if [ -z "$checkpoint" ]; then
                # Started from nothing, it would miss what changed meanwhile.
                start_source_again
                die 'AWS says no checkpoint from which the new replication could go on'
            fi
            say "starting $new_arn from $(printf '%s' "$checkpoint" | clean)"
            if ! call dms start-replication --replication-config-arn="$new_arn" --start-replication-type=start-replication \
                --cdc-start-position="$checkpoint" >/dev/null; then
                take_back
                die 'the new replication did not start'
            fi
            a_moment
            ;;
        stopped | failed)
            # It ran before this script was stopped, and has a checkpoint of its own.
            say "starting $new_arn where it was"
            call dms start-replication --replication-config-arn="$new_arn" --start-replication-type=resume-processing >/dev/null
            a_moment
            ;;
    esac
    wait_from_now
    while :; do
        status=$(status_of "$new_arn")
        case $status in
            running) break ;;
            failed | stopped)
                replication "$new_arn" '[StopReason, FailureMessages]' | clean >&2
                checkpoint=$(replication "$new_arn" RecoveryCheckpoint)
                [ -z "$checkpoint" ] || die "$new_arn ran and is $status, and the source has stopped: look at it, then run this again"
                take_back
                die 'the new replication did not run'
                ;;
        esac
        pause 'starting the new replication'
    done
    forget "$source_arn"
    say "$new_arn is running"
}

# Ends the script unless what took over does what the source did: else the place to go on from would be deleted with the source.
took_over() {
    step='looking whether the new replication does what the old one did'
    local status checkpoint
    status=$(status_of "$new_arn")
    checkpoint=$(replication "$new_arn" RecoveryCheckpoint)
    if [ "$status" = running ] || [ -n "$checkpoint" ]; then return 0; fi
    checkpoint=$(replication "$source_arn" RecoveryCheckpoint)
    if [ "$captures_changes" = yes ] && [ -n "$checkpoint" ]; then
        say "left: the config $source_arn. $new_arn is ${status:-not started}, and only the source knows where it has to begin:"
        say "aws dms start-replication --region=$region --replication-config-arn=$new_arn" \
            "--start-replication-type=start-replication --cdc-start-position=$(printf '%q' "$checkpoint" | clean)"
        say 'Start it so, or start the source again; then run this again'
        exit 3
    fi
    ! remembered "ran:$source_arn" ||
        die "$source_arn ran, and $new_arn in its place is ${status:-not started}: start it, then run this again. Nothing was deleted"
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
    as_planned
    the_key
    if [ "$check_only" = yes ]; then
        say "replication: $(replication "$source_arn" Status); new config: ${new_arn:-not there yet}; nothing was changed"
        exit 0
    fi
    status=$(status_of "$source_arn")
    if [ "$status" != deleting ]; then
        create
        stop_source
        start_new
        took_over
        allow_deletion "the config $source_arn"
        step='deleting the old config'
        call dms delete-replication-config --replication-config-arn="$source_arn" >/dev/null
        say "deleting $source_arn"
    fi
    step='waiting until the old config is gone'
    until_gone 'deleting the config' config_arn "$source_filter"
    told
}

main "$@"
