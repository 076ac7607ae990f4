"""Generators of addresses that reach the interesting cases, and ways to type the same one."""

from random import Random

from hypothesis import strategies as st

SHARED = ("wixsite.com", "onmicrosoft.com", "Notion.Site")

locals_ = st.one_of(
    st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z0-9]{1,5})?(\+[a-z0-9]{1,4})?", fullmatch=True),
    st.sampled_from(["info", "sales+x", "no-reply", "Ana.Ruiz", "a.n.a+b+c"]),
)
hosts = st.one_of(
    st.sampled_from([
        "acme.com", "mail.acme.co.uk", "gmail.com", "googlemail.com", "pm.me", "mail.yahoo.com", "mailinator.com",
        "wixsite.com", "acme.wixsite.com", "acme.onmicrosoft.com", "acme.notion.site", "acme.uk.com", "acme.github.io",
        "github.io", "müller.de", "straße.de", "acme.newtld", "shop.例え.jp", "r3---a.acme.com",
    ]),
    st.from_regex(r"([a-z][a-z0-9]{0,5}\.){0,2}[a-z][a-z0-9]{0,8}\.(com|de|co\.uk|com\.br|io)", fullmatch=True),
)  # fmt: skip
addresses = st.builds("{}@{}".format, locals_, hosts.filter(lambda host: "---" not in host))


def spelled(address: str, chance: Random) -> str:
    """The address as somebody may type it: other case, a display name, a link, blanks."""
    typed = "".join(one.upper() if chance.random() < 0.3 and len(one.upper()) == 1 else one for one in address)
    frame = chance.choice(("{}", " {} ", "Ann Lee <{}>", "mailto:{}", "<{}>,", "{}."))
    return frame.format(typed)
