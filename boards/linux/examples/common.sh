# What the recipes share: where the server is, and how to take a field out of a JSON answer.
URL=${URL:-https://localhost:8443}
CACERT=${CACERT:-latchkey-data/tls.crt}
NAME=${NAME:-ada}
PASSWORD='correct horse battery'

# ask ARGUMENT…: curl that trusts this server's certificate and fails on an error status.
ask() {
    curl --silent --show-error --fail-with-body --cacert "$CACERT" "$@"
}

# field NAME: that field of the JSON object on standard input.
field() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"
}
