# dancectl doctor: which ways in need no DNS, by what sudo and sshd themselves
# say of an account.

# way WHAT REGEX: a finding about ways in matches.
way() {
	doctor
	ways=$(found 'f["id"] + ": " + f["what"]' | grep ^way-in)
	if grep -qE -- "$2" <<<"$ways"; then
		pass "$1"
	else
		fail "$1" "$2" "$ways"
	fi
}

# no_way WHAT NAME: nothing is said of the account.
no_way() {
	doctor
	ways=$(found 'f["id"] + ": " + f["what"]' | grep ^way-in)
	if grep -qE "^way-in(-shut)?: $2 " <<<"$ways"; then
		fail "$1" "nothing of $2" "$ways"
	else
		pass "$1"
	fi
}

rule() {
	printf '%s\n' "$@" | file_set /etc/sudoers.d/dance-test
	chmod 0440 /etc/sudoers.d/dance-test
}

home=$(getent passwd carol | cut -d : -f 6)
install -d -m 0700 -o carol "$home/.ssh"
install -m 0600 -o carol "$LAB/keys/laptop.pub" "$home/.ssh/authorized_keys"
map_set <<<"laptop._device.good.example alice"
usermod -p '*' root
groupadd -f sudo
# Debian's own.
printf '%s\n' 'root ALL=(ALL:ALL) ALL' '%sudo ALL=(ALL:ALL) ALL' \
    '@includedir /etc/sudoers.d' | file_set /etc/sudoers
chmod 0440 /etc/sudoers

no_way "carol is an ordinary user" carol
way "and root has nothing" "^way-in-missing: "
rule "carol ALL=(ALL) NOPASSWD: ALL"
way "sudo without a password, and a key" \
    "^way-in: carol \(root by sudo\) can come in: by sshd with a key in $home/.ssh/authorized_keys$"
rule "carol ALL=(ALL) ALL"
way "sudo with a password, and none" \
    "^way-in-shut: carol can't come in: sudo asks for a password"
usermod -p '$y$j9T$x$y' carol
way "sudo with a password" \
    "^way-in: carol \(root by sudo with a password\) .*console.*by sshd with a key"
rule "carol ALL=(www-data) NOPASSWD: ALL"
no_way "sudo as another user" carol
rule "carol elsewhere=(ALL) NOPASSWD: ALL"
no_way "sudo on another host" carol
rule "carol ALL=(ALL) NOPASSWD: /usr/bin/id"
no_way "sudo for one command" carol
rule "carol ALL=(ALL) NOPASSWD: ALL" "carol ALL=(ALL) !ALL"
no_way "sudo that is taken back" carol
rule "carol ALL=(ALL) NOPASSWD: ALL, !/usr/bin/su"
way "sudo but for one command" "^way-in: carol "
rule "User_Alias ADMINS = bob, carol" "Host_Alias HERE = $(hostname)" \
    "Cmnd_Alias EVERYTHING = ALL" "ADMINS HERE=(root) EVERYTHING"
way "sudo by aliases" "^way-in: carol \(root by sudo with a password\)"
rule "%sudo ALL=(ALL) NOPASSWD: ALL"
no_way "sudo for a group, and she is not in it" carol
usermod -aG sudo carol
way "sudo for a group" "^way-in: carol \(root by sudo\)"
rule "carol ALL=(ALL"
way "sudoers that sudo refuses" "^way-in: carol \(a group of administrators\)"
way "sudoers that sudo refuses: says so" "^way-in-unseen: what /etc/sudoers"
rm /etc/sudoers.d/dance-test
if [ -x /usr/bin/cvtsudoers ]; then
	mv /usr/bin/cvtsudoers /usr/bin/cvtsudoers.kept
	way "no cvtsudoers" "^way-in-unseen: what /etc/sudoers"
	mv /usr/bin/cvtsudoers.kept /usr/bin/cvtsudoers
fi
rule "carol ALL=(ALL) NOPASSWD: ALL"
usermod -p '!' carol

# What sshd says of her.
dropin=/etc/ssh/sshd_config.d/20-test.conf
match() {
	printf '%s\n' "$@" | file_set $dropin
}
match "Match User carol" "  PubkeyAuthentication no"
way "a Match block shuts" "^way-in-shut: carol .*PubkeyAuthentication is no"
match "Match User bob" "  PubkeyAuthentication no"
way "a Match block of another" "^way-in: carol "
match "Match Address 10.0.0.0/8" "  PubkeyAuthentication no"
way "a Match block of other places" "^way-in: carol "
match "DenyUsers carol"
way "DenyUsers" "^way-in-shut: carol .*DenyUsers"
match "AllowUsers bob" "AllowUsers alice"
way "AllowUsers" "^way-in-shut: carol .*AllowUsers"
match "AllowUsers bob" "AllowUsers carol"
way "AllowUsers, the second line" "^way-in: carol "
match "Match User carol" "  AuthorizedKeysFile /etc/ssh/keys/%u .ssh/other"
way "AuthorizedKeysFile elsewhere, and no key there" \
    "^way-in-shut: carol .*no key that sshd would take"
install -D -m 0644 "$LAB/keys/laptop.pub" /etc/ssh/keys/carol
way "AuthorizedKeysFile elsewhere" \
    "^way-in: carol .* by sshd with a key in /etc/ssh/keys/carol$"
match "Match User carol" "  AuthorizedKeysFile none"
way "AuthorizedKeysFile none" "^way-in-shut: carol "
rm $dropin

# Her files are read as her: what she can't read is not.
keys=$home/.ssh/authorized_keys
mv "$keys" "$home/kept"
install -m 0600 "$LAB/keys/laptop.pub" /etc/ssh/secret
ln -s /etc/ssh/secret "$keys"
way "a link to a file of root's" "^way-in-shut: carol .*: Permission denied"
chmod 0644 /etc/ssh/secret
way "a link to a file that she can read" "^way-in: carol "
rm "$keys" /etc/ssh/secret
mv "$home/kept" "$keys"
chmod 0777 "$home"
way "a home that others write to" "^way-in-shut: carol .*can be written to by others"
chmod 0700 "$home"
usermod -s /usr/bin/nothing carol
way "a shell that is not there" "^way-in-shut: carol .*/usr/bin/nothing: No such file"
usermod -s /bin/bash carol
usermod -e 2020-01-01 carol
way "an account that is over" "^way-in-shut: carol .*expired on 2020-01-01"
usermod -e '' carol
way "all is well again" "^way-in: carol "

# As it is said, so it is.
try_login carol -i "$LAB/keys/laptop"
check "she does come in" in-as-carol "$out"
rm /etc/sudoers.d/dance-test
gpasswd -d carol sudo >/dev/null
