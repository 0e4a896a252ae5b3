#!/bin/sh
# Creates the credentials of a new cluster: certificates, tokens and Redis's password, in one folder
# per process, so that none has more than it needs. Existing files are kept.
#
#   sh make-credentials.sh FOLDER COMMAND…
#
# COMMAND runs Lockstep. As root, each folder gets the user of its process as owner.
set -eu
umask 077
folder=$1
shift
lockstep="$*"

# Written last: its existence shows that all files are complete.
test ! -e "$folder/redis/users.acl" || exit 0

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
$lockstep certs --out "$made" --host coordinator,redis --client worker
$lockstep token create --name worker --expires 3650d --tokens "$made/join-tokens.json" >"$made/join.token"
for secret in admin.token viewer.token redis.password; do
  $lockstep token secret >"$made/$secret"
done

# USER FILE… of the folder named after the process.
give() {
  place="$folder/$1"
  user=$2
  shift 2
  mkdir -p "$place"
  for file in "$@"; do
    cp "$made/$file" "$place/$file"
  done
  if [ "$(id -u)" = 0 ]; then chown -R "$user:$user" "$place"; fi
}
give authority 0 ca.crt ca.key
give coordinator 1000 ca.crt server.crt server.key join-tokens.json admin.token viewer.token redis.password
give worker 1000 ca.crt worker.crt worker.key join.token redis.password
give monitor 65534 ca.crt viewer.token

sha256=$(printf %s "$(cat "$made/redis.password")" | sha256sum | cut -d ' ' -f 1)
# The rights that the queue needs, as in docs/security.md.
cat >"$made/users.acl" <<END
user default off
user lockstep on #$sha256 resetchannels ~{lockstep-* -@all +@read +@write +@blocking +@transaction +@connection -@dangerous +eval +evalsha +script|load +time +info
END
give redis 999 ca.crt server.crt server.key redis.password users.acl
