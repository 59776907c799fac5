# Certificates for users that no tool would make, and a wildcard's CA.  What is
# no identity is no login name either.
#
# LAB_TIMEOUT=400

map_set <<END
*.good.example	alice
END
printf '%s\n' "passwd: files dance" "group: files dance" "shadow: files" \
    "hosts: files dns" >/etc/nsswitch.conf
conf_default
echo "login-names = yes" >>/etc/dance/dance.conf
check_status "dancectl compile" 0 dancectl compile
for name in a.good.example _user.good.example; do
	getent passwd "$name" | cut -d : -f 1,3
done >"$LAB/tmp/names"
check "getent: a device, and never _user" a.good.example:4201 \
    "$(cat "$LAB/tmp/names")"

forge_run users
