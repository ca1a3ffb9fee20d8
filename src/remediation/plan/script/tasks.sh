
# ---- Tasks -----------------------------------------------------------------------------------------------------------

# The ARNs of the tasks that a filter finds.
tasks_by() {
    local wanted
    wanted=$(filter "$1" "$2") || return 1
    look dms describe-replication-tasks --without-settings --filters="$wanted" --query 'ReplicationTasks[].ReplicationTaskArn'
}

# What AWS says of a task: a JMESPath of its fields.
task() {
    local wanted
    wanted=$(filter replication-task-arn "$1") || return 1
    look dms describe-replication-tasks --without-settings --filters="$wanted" --query "ReplicationTasks[0].$2"
}

task_status() { task "$1" Status; }

# Stops a task that runs, and remembers that it did. Dies of one that can be neither stopped nor left.
stop_task() {
    local status type
    status=$(task_status "$1")
    case $status in
        stopped | ready | failed | failed-move | stopping) ;;
        running)
            type=$(task "$1" MigrationType)
            [ "$type" != full-load ] ||
                die "$1 is loading: stopped, it could only begin again. Wait until it has finished, then run this again"
            # The second line stays when the first is done with: the deletion asks for it.
            remember "ran:$1"
            remember "$1"
            say "stopping $1"
            call dms stop-replication-task --replication-task-arn="$1" >/dev/null
            ;;
        *) die "$1 is ${status:-gone}: it can be neither stopped nor moved now. Run this again later" ;;
    esac
    wait_from_now
    while :; do
        status=$(task_status "$1")
        case $status in
            stopping | running) pause "stopping $1" ;;
            *) break ;;
        esac
    done
}

# Starts a task and waits until it runs. It is called in conditions, where bash goes on after what fails: so each call says
# itself what follows. 1 is for a task that does not run, be it after a time, so that whoever called can take it back.
run_task() {
    local status
    status=$(task_status "$1") || return 1
    case $status in
        running | starting) ;;
        *)
            say "starting $1"
            call dms start-replication-task --replication-task-arn="$1" --start-replication-task-type="$2" >/dev/null || return 1
            a_moment
            ;;
    esac
    wait_from_now
    while :; do
        # What can't be seen now may be seen later.
        status=$(task_status "$1") || status=''
        case $status in
            running) break ;;
            ready | stopped | failed)
                say "$1 is $status: $(task "$1" '[StopReason, LastFailureMessage]' | clean)"
                return 1
                ;;
        esac
        in_time || { say "starting $1 took longer than $longest s" && return 1; }
        sleep "$poll"
    done
    say "$1 is running"
}

# After something went wrong: a task that ran goes on where it was.
start_again() {
    if remembered "$1"; then
        say "starting $1 again where it was"
        if run_task "$1" resume-processing; then
            forget "$1"
            forget "ran:$1"
        else
            say "$1 did not start: look at it now"
        fi
    fi
}

# Lets the instance $1 try to reach the endpoint $2, unless it has before.
test_connection() {
    local wanted status
    wanted="[{\"Name\":\"replication-instance-arn\",\"Values\":[\"$1\"]},{\"Name\":\"endpoint-arn\",\"Values\":[\"$2\"]}]"
    status=$(look dms describe-connections --filters="$wanted" --query 'Connections[0].Status')
    case $status in
        successful) return 0 ;;
        testing) ;;
        *)
            call dms test-connection --replication-instance-arn="$1" --endpoint-arn="$2" >/dev/null
            a_moment
            ;;
    esac
    wait_from_now
    while :; do
        status=$(look dms describe-connections --filters="$wanted" --query 'Connections[0].Status')
        case $status in
            successful) break ;;
            failed)
                look dms describe-connections --filters="$wanted" --query 'Connections[0].LastFailureMessage' | clean >&2
                die "$1 does not reach $2. Nothing was changed; look at firewalls, security groups, the key's policy"
                ;;
        esac
        pause "testing the connection to $2"
    done
    say "reached $2"
}
