#!/bin/sh
# Makes what the processes of a first cluster show to each other: certificates, tokens and Redis's
# password, in a folder for each of them, so that none sees more than it needs. What was made before
# stays as it is.
#
#   sh make-credentials.sh FOLDER COMMAND…
#
# COMMAND is what runs Lockstep. As root, each folder is given to the user that its process runs as.
set -eu
umask 077
folder=$1
shift
lockstep="$*"

# Written last: with it everything is there.
test ! -e "$folder/redis/users.acl" || exit 0

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
$lockstep certs --out "$made" --host coordinator,redis --client worker
$lockstep token create --name worker --expires 3650d --tokens "$made/join-tokens.json" >"$made/join.token"
for secret in admin.token viewer.token redis.password; do
  $lockstep token secret >"$made/$secret"
done

# USER FILE… of a folder that is named as what it is for.
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
# What a queue needs, as docs/security.md has it.
cat >"$made/users.acl" <<END
user default off
user lockstep on #$sha256 resetchannels ~{lockstep-* -@all +@read +@write +@blocking +@transaction +@connection -@dangerous +eval +evalsha +script|load +time +info
END
give redis 999 ca.crt server.crt server.key redis.password users.acl
