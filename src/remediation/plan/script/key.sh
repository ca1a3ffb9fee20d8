
# ---- The key ---------------------------------------------------------------------------------------------------------

# Sets key_arn. Makes the key and its alias where there is none.
the_key() {
    step='looking for the key'
    local row state manager usage spec
    row=$(look kms describe-key --key-id="$key_name" --query "$key_query")
    if [ -z "$row" ]; then
        [ "$key_is_alias" = yes ] || die "there is no key $key_name"
        if [ "$check_only" = yes ]; then
            say "there is no $key_name yet: it will be made"
            return 0
        fi
        make_key
        row=$(look kms describe-key --key-id="$key_arn" --query "$key_query")
    fi
    IFS=$'\t' read -r key_arn state manager usage spec <<<"$row"
    [ "$manager" = CUSTOMER ] || die "$key_arn is managed by AWS too"
    [ "$state" = Enabled ] || die "$key_arn is $state: no data can be put under it"
    [ "$usage" = ENCRYPT_DECRYPT ] && [ "$spec" = SYMMETRIC_DEFAULT ] ||
        die "$key_arn is a $spec key for $usage, and DMS takes symmetric keys for encryption"
    say "the key is $key_arn"
}
key_query='KeyMetadata.[Arn, KeyState, KeyManager, KeyUsage, KeySpec]'

make_key() {
    step='making the key'
    local id row description state
    # One that an earlier run made and gave no alias is found by its description.
    for id in $(call kms list-keys --query 'Keys[].KeyId'); do
        row=$(look kms describe-key --key-id="$id" --query 'KeyMetadata.[Arn, KeyState, Description]' 2>/dev/null) || continue
        IFS=$'\t' read -r key_arn state description <<<"$row"
        if [ "$description" = "$key_description" ] && [ "$state" = Enabled ]; then break; fi
        key_arn=''
    done
    if [ -z "${key_arn:-}" ]; then
        key_arn=$(call kms create-key --policy=file://key-policy.json --description="$key_description" --tags="$key_tags" \
            --query KeyMetadata.Arn)
        say "made the key $key_arn"
    fi
    call kms create-alias --alias-name="$key_name" --target-key-id="${key_arn##*/}" >/dev/null
    say "it is called $key_name"
}

# What this script or keywatch made in the place of $2: dies if $1 is somebody else's.
is_ours() {
    local whose
    whose=$(call dms list-tags-for-resource --resource-arn="$1" --query "TagList[?Key=='$tag'].Value | [0]")
    [ "$whose" = "$2" ] || die "$1 is there, and its tag $tag does not name $2: plan again with another --name"
}
