
# ---- The key is usable again -----------------------------------------------------------------------------------------

key_state() { look kms describe-key --key-id="$key_arn" --query KeyMetadata.KeyState; }

main() {
    local state
    start "$@"
    step='looking at the key'
    state=$(key_state)
    say "the key $key_arn is ${state:-not there}"
    if [ "$check_only" = yes ]; then exit 0; fi
    case $state in
        PendingDeletion | PendingReplicaDeletion)
            step='cancelling the deletion'
            call kms cancel-key-deletion --key-id="$key_arn" >/dev/null
            say 'it will not be deleted'
            state=$(key_state)
            ;;
    esac
    case $state in
        Disabled)
            step='enabling the key'
            call kms enable-key --key-id="$key_arn" >/dev/null
            wait_from_now
            while :; do
                state=$(key_state)
                [ "$state" != Enabled ] || break
                pause 'enabling the key'
            done
            say 'it is enabled'
            ;;
        Enabled) ;;
        *) die "a key that is ${state:-not there} can be mended by no call: runbook.md says who has to do what" ;;
    esac
    told
}

main "$@"
