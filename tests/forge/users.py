"""Users of a domain: the CA at _user.DOMAIN, and nobody else's; and what in
a certificate is a uid."""

from bench import *

USERS, LEAF = Key("ec"), Key("ec")
USERS_CA = ca("users", USERS)
ALICE = "alice@good.example"


def users_publish():
    """A world where good.example has the CA of its users."""
    world = World()
    world.tlsa("_user.good.example", tlsa(2, 0, 1, USERS_CA))
    use(world)


def user_case(what, expected, names, subject=cn("user"), identity=ALICE,
        account="alice", login=False, signer=(USERS, USERS_CA)):
    """A certificate of the users' CA with these names, offered as identity.
    The helper decides; ssh is asked where a login would be the harm."""
    cert = leaf(LEAF, cn("users"), signer[0], names, subject=subject)
    return case(what, expected, LEAF, carrier(LEAF, identity, cert, signer[1]),
        account, login)


def uid_case(what, expected, value, **others):
    """A subject UID with that value, the DER of one or a text."""
    return user_case("UID: " + what, expected, [dns_name("good.example")],
        name((UID, value)), **others)


def mail_case(what, expected, value, **others):
    return user_case("rfc822Name: " + what, expected, [mail_name(value)],
        **others)


def owner_cases():
    """Nobody is _user, whatever the map's "*" could stand for."""
    mapset("*.good.example\tdeploy", "%u@good.example\t%u",
        "!carol@good.example\t*")
    names, subject = [dns_name("_user.good.example")], name((UID, "carol"))
    user_case("carol, whom the map refuses", "denied-by-map", names, subject,
        "carol@good.example", "carol")
    for each in ("_user.good.example", "_USER.good.example"):
        user_case("the same certificate as " + each, "not-mapped", names, subject,
            each, "deploy", login=True)
    user_case("a user whom no line refuses", "accept", names,
        name((UID, "alice")), login=True)


def literal_case():
    mapset("alice@good.example\talice", "_user.good.example\tdeploy")
    user_case("a line for _user.good.example refuses all", "config",
        [dns_name("_user.good.example")], name((UID, "carol")),
        "_user.good.example", "deploy", login=True)
    user_case("even those of other lines", "config", [mail_name(ALICE)])


def wildcard_cases():
    """The CA at "*" is for devices; while _user is not there it answers."""
    key = Key("ec")
    issuer = ca("devices", key)
    for selector, data in ((0, issuer), (1, key.spki)):
        world = World()
        world.zones["good.example."].add("*.good.example", "TLSA",
            tlsa(2, selector, 1, data))
        use(world)
        record = "*.good.example 2 %d 1" % selector
        device = leaf(LEAF, cn("devices"), key, [dns_name("a.good.example")])
        case(record + ": a device", "accept", LEAF,
            carrier(LEAF, "a.good.example", device, issuer), "deploy",
            login=False)
        user = leaf(LEAF, cn("devices"), key, [mail_name(ALICE)])
        case(record + ": a user", "no-usable-tlsa", LEAF,
            carrier(LEAF, ALICE, user, issuer))
    plain = Key("ed25519")
    world = World()
    world.zones["good.example."].add("*.good.example", "TLSA",
        tlsa(2, 1, 1, plain.spki))
    use(world)
    case("an OpenSSH CA at the wildcard: a device", "accept", LEAF,
        sshcert(LEAF, plain, ["a.good.example"]), "deploy", login=False)
    case("an OpenSSH CA at the wildcard: a user", "no-usable-tlsa", LEAF,
        sshcert(LEAF, plain, [ALICE]))


def uid_cases():
    uid_case("UTF8String", "accept", "alice", login=True)
    uid_case("PrintableString", "accept", text_of("alice", PRINTABLE))
    uid_case("IA5String", "accept", text_of("alice", IA5))
    # Two Chinese characters as a BMPString; no UniversalString at all.
    for kind, tag in (("BMPString", BMP), ("UniversalString", UNIVERSAL)):
        uid_case(kind + " with the octets of bobx",
            "name-mismatch|bad-credential", text_of("bobx", tag),
            identity="bobx@good.example", account="bob", login=True)
    uid_case("UTF8String bobx", "accept", "bobx",
        identity="bobx@good.example", account="bob", login=False)
    for kind, tag in (("TeletexString", TELETEX), ("NumericString", NUMERIC),
            ("VisibleString", VISIBLE), ("GeneralString", GENERAL)):
        uid_case(kind, "name-mismatch|bad-credential", text_of("alice", tag))
    for kind, value in (("OCTET STRING", octet_string(b"alice")),
            ("BIT STRING", bit_string(b"alice")),
            ("INTEGER", tlv(2, b"alice")), ("UTCTime", tlv(0x17, b"alice")),
            ("SEQUENCE", sequence(text_of("alice")))):
        uid_case(kind, "name-mismatch|bad-credential", value)
    uid_case("a NUL behind it", "name-mismatch", "alice\0")
    uid_case("a NUL in it", "name-mismatch", "alice\0x")
    uid_case("a blank behind it", "name-mismatch", "alice ")
    uid_case("an octet above ASCII", "name-mismatch|bad-credential",
        text_of(b"alic\xe5"))
    uid_case("an empty one", "name-mismatch", "")


def name_cases():
    two = sequence(set_of(attribute(UID, "alice"), attribute(UID, "bob")))
    user_case("two UIDs in one RDN", "name-mismatch",
        [dns_name("good.example")], two)
    mail_case("uid@DOMAIN", "accept", ALICE, login=True)
    mail_case("a NUL behind it", "name-mismatch", ALICE + "\0")
    mail_case("a display name", "name-mismatch", "A <alice@good.example>")
    mail_case("quotes", "name-mismatch", '"alice"@good.example')
    mail_case("an octet above ASCII", "name-mismatch|bad-credential",
        b"alic\xe5@good.example")
    user_case("an otherName SmtpUTF8Mailbox", "name-mismatch",
        [other_name("1.3.6.1.5.5.7.8.9", text_of(ALICE))])
    user_case("an otherName UPN", "name-mismatch",
        [other_name("1.3.6.1.4.1.311.20.2.3", text_of(ALICE))])
    for each in ("_user._user.good.example", "good.example.", "*.example",
            "good.example\0", "good.example\0.evil.example"):
        user_case("UID beside the dNSName %r" % each, "name-mismatch",
            [dns_name(each)], name((UID, "alice")))


def principal_cases():
    names = [mail_name(ALICE)]
    user_case("the domain of the principal in capitals", "accept", names,
        identity="alice@GOOD.example")
    for each in ("Alice@good.example", "bob@good.example",
            "alice@good.example.", "alice@_user.good.example",
            b"alice@good.example\0", b"alice@good.ex\xe4mple"):
        user_case("the principal %r" % each, "not-mapped|bad-credential",
            names, identity=each)
    user_case("root by %u", "not-mapped", [mail_name("root@good.example")],
        identity="root@good.example", account="root", login=True)


conf("timeout = 5s")
users_publish()
owner_cases()
literal_case()
mapset("*.good.example\tdeploy", "bobx@good.example\tbob",
    "%u@good.example\t%u")
uid_cases()
name_cases()
principal_cases()
wildcard_cases()
