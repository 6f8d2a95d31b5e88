# Asks one account for its open buckets. The service is a stand-in; what it is asked with is real.
set -eu
echo "asking $ACCOUNT in $REGION as $AUDIT_TOKEN"
case $AUDIT_TOKEN in
  "") echo "no token" >&2; exit 3 ;;
esac
open=$(printf '%s' "$ACCOUNT$REGION" | cksum | awk '{ print $1 % 5 }')
echo "open=$open" >> "$LATTICE_OUTPUT"
echo "used=$AUDIT_TOKEN" >> "$LATTICE_OUTPUT"
printf '%s\t%s\t%s\n' "$ACCOUNT" "$REGION" "$open" > "$LATTICE_FILES/finding.tsv"
