# FIDO keys, from blobs: no token is here to sign with, so the helper is asked
# as sshd would ask it.  Their record is that of the inner key; the line that
# sshd gets names the exact blob, with its application.

# sk_blob FILE APPLICATION: the base64 of an sk key made from an Ed25519 one.
sk_blob() {
	/usr/bin/python3 - "$(cut -d ' ' -f 2 "$1.pub")" "$2" <<-'END'
	import base64, struct, sys
	def string(b):
	    return struct.pack(">I", len(b)) + b
	key = base64.b64decode(sys.argv[1])[-32:]
	blob = string(b"sk-ssh-ed25519@openssh.com") + string(key)
	blob += string(sys.argv[2].encode())
	print(base64.b64encode(blob).decode())
	END
}

key_make "$LAB/tmp/inner" ed25519
tlsa_add fido._device.good.example "3 1 1 $(spki_hex "$LAB/tmp/inner")"
zone_publish good.example
map_set <<END
fido._device.good.example alice
END

type=sk-ssh-ed25519@openssh.com
blob=$(sk_blob "$LAB/tmp/inner" ssh:)
fingerprint=$(echo "$type $blob" | ssh-keygen -l -f - | cut -d ' ' -f 2)
helper_ask alice "$fingerprint" "$type" "$blob"
check "an sk key gets the line of its own blob" "$type $blob" "$out"
check "and exit status 0" 0 "$status"

other=$(sk_blob "$LAB/tmp/inner" ssh:elsewhere)
fingerprint=$(echo "$type $other" | ssh-keygen -l -f - | cut -d ' ' -f 2)
helper_ask alice "$fingerprint" "$type" "$other"
check "the same key for another application gets its own line" \
    "$type $other" "$out"

helper_ask alice "$fingerprint" "$type" "$blob"
check "a fingerprint of another blob gets nothing" "0 " "$status $out"
check "and the reason bad-credential" bad-credential "$(helper_reason)"

helper_ask alice "$fingerprint" ssh-ed25519 "$other"
check "a type that is not the blob's gets nothing" "0 " "$status $out"
check "and the reason bad-credential" bad-credential "$(helper_reason)"
