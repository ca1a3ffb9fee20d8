
# ---- What every script of keywatch's has -------------------------------------------------------------------------

export AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
poll=${KEYWATCH_POLL_SECONDS:-30}
longest=${KEYWATCH_WAIT_SECONDS:-7200}
may_delete=no
check_only=no
step='reading the options'
work=''
# Who was running before this script stopped it, so that a run that is killed is gone on with.
resume=resume.txt

usage() {
    cat <<'TEXT'
Usage: ./remediate.sh [--check] [--yes-delete-source]

  --check               look at everything, change nothing
  --yes-delete-source   delete what was replaced without asking

It looks before each step, so it can be run again after it was stopped anywhere. Read runbook.md first.
Environment: AWS credentials as for the aws CLI; KEYWATCH_POLL_SECONDS (30), KEYWATCH_WAIT_SECONDS (7200).
Exit codes: 0 done, 1 stopped at an error, 2 usage, 3 all done but the deletion, which nobody allowed.
TEXT
}

say() { printf '%s  %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Without what could act on a terminal.
clean() { LC_ALL=C tr -c '[:print:]\n' '?'; }

# shellcheck disable=SC2317,SC2329 # It is called by the trap.
ended() {
    local status=$?
    [ -z "$work" ] || rm -rf -- "$work"
    case $status in
        0 | 2 | 3) ;;
        *)
            printf 'Stopped at: %s. Run it again to go on; runbook.md says how to go back.\n' "$step" >&2
            # The aws CLI has codes of its own.
            exit 1
            ;;
    esac
}

call() { aws --region "$region" --output text "$@"; }

# What the call answers; nothing where AWS finds nothing.
look() {
    local answer status=0
    answer=$(call "$@" 2>"$work/error") || status=$?
    if [ "$status" -ne 0 ]; then
        if grep -Eq '\((ResourceNotFoundFault|NotFoundException)\)' "$work/error"; then return 0; fi
        clean <"$work/error" >&2
        return "$status"
    fi
    [ "$answer" = None ] || printf '%s' "$answer"
}

# An ARN becomes part of a filter: it has to be one.
filter() {
    case $2 in
        *[!A-Za-z0-9:/_.+=,@-]* | '') die "AWS names $1 $(printf '%s' "$2" | clean), which is no ARN" ;;
    esac
    printf '[{"Name":"%s","Values":["%s"]}]' "$1" "$2"
}

start() {
    for option in "$@"; do
        case $option in
            --check) check_only=yes ;;
            --yes-delete-source) may_delete=yes ;;
            -h | --help) usage && exit 0 ;;
            *) usage >&2 && exit 2 ;;
        esac
    done
    trap ended EXIT
    unset CDPATH
    cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
    command -v aws >/dev/null || die 'the aws CLI is not on the PATH'
    [ -w . ] || die "this folder has to be writable: $resume is kept in it"
    work=$(mktemp -d)

    step='looking whose credentials these are'
    local identity found_account found_arn
    identity=$(call sts get-caller-identity --query '[Account, Arn]')
    IFS=$'\t' read -r found_account found_arn <<<"$identity"
    [ "$found_account" = "$account" ] ||
        die "these credentials belong to account $found_account, and this plan to account $account"
    case $found_arn in
        "arn:$partition:"*) ;;
        *) die "these credentials belong to another partition than $partition: $found_arn" ;;
    esac
    say "account $account, Region $region, as $found_arn"
}

# Waiting has an end.
wait_from_now() { deadline=$((SECONDS + longest)); }
in_time() { [ "$SECONDS" -lt "$deadline" ]; }
pause() {
    in_time || die "$1 took longer than $longest s; run this again to go on waiting"
    sleep "$poll"
}
# Until the command answers nothing. $1 is what is waited for. A look that fails does not say that it is gone.
until_gone() {
    local doing=$1 left
    shift
    wait_from_now
    while :; do
        left=$("$@") || return 1
        [ -n "$left" ] || break
        pause "$doing"
    done
}
# After AWS was asked for something it may for a moment still say what it said before.
a_moment() {
    case $poll in
        0 | 0.* | 1 | 1.*) sleep "$poll" ;;
        *) sleep 2 ;;
    esac
}

remembered() { [ -f "$resume" ] && grep -Fqx -- "$1" "$resume"; }
remember() { remembered "$1" || printf '%s\n' "$1" >>"$resume"; }
forget() {
    if remembered "$1"; then
        grep -Fvx -- "$1" "$resume" >"$resume.new" || true
        mv -- "$resume.new" "$resume"
    fi
}

# The one who runs this has to allow what cannot be undone.
allow_deletion() {
    step="asking whether $1 may be deleted"
    [ "$may_delete" = no ] || return 0
    if [ ! -t 0 ]; then
        say "left: $1. Everything else is done. Run this again with --yes-delete-source, or on a terminal"
        exit 3
    fi
    local answer=''
    printf 'Everything else is done. Type "delete" to delete %s for good: ' "$1" >&2
    read -r answer || true
    [ "$answer" = delete ] || { say 'nothing was deleted' && exit 3; }
}

told() {
    say "done. Now let keywatch look again: keywatch remediate verify $source_arn"
}

# A text as JSON. Nothing that needs it holds a control character.
json_string() {
    case $1 in
        *[[:cntrl:]]*) die 'a control character where none can be' ;;
    esac
    printf '"%s"' "$(printf '%s' "$1" | LC_ALL=C sed -e 's/\\/\\\\/g' -e 's/"/\\"/g')"
}

# The text $1 with the JSON text "$2" replaced by $3.
put() { printf '%s%s%s' "${1%%"\"$2\""*}" "$3" "${1#*"\"$2\""}"; }

# Dies unless "$2", a type and table mappings as AWS says them now, is the type $3 and the text of the file $4.
same_mappings() {
    local planned
    planned=$(cat "$4")
    [ "$2" = "$3"$'\t'"${planned:-None}" ] || die "the type or the table mappings of $1 have changed since the plan: plan again"
}
