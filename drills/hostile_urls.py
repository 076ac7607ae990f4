"""Addresses that try to reach the own machine or network: in every spelling, by redirects, by names, by other schemes."""

LOOPBACK = (
    "http://127.0.0.1:{port}/", "http://127.0.0.2:{port}/", "http://localhost:{port}/", "http://LOCALHOST:{port}/",
    "http://localhost.:{port}/", "http://127.1:{port}/", "http://127.0.1:{port}/", "http://2130706433:{port}/",
    "http://0x7f000001:{port}/", "http://0x7f.0.0.1:{port}/", "http://0x7f.1:{port}/", "http://0177.0.0.1:{port}/",
    "http://0177.0.0.01:{port}/", "http://017700000001:{port}/", "http://127.0.0.1.:{port}/", "http://0:{port}/",
    "http://0.0.0.0:{port}/", "http://①②⑦.⓪.⓪.①:{port}/", "http://１２７.０.０.１:{port}/", "http://127。0。0。1:{port}/",
    "http://127.0.0.1%00.example.com:{port}/", "http://%31%32%37.0.0.1:{port}/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
)  # fmt: skip
SIX = (
    "http://[::1]:{port}/", "http://[0:0:0:0:0:0:0:1]:{port}/", "http://[::]:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/", "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/", "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/", "http://[64:ff9b:1::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/", "http://[2002:a9fe:a9fe::]:{port}/", "http://[2001:0:7f00:1::1]:{port}/",
    "http://[fe80::1%25lo]:{port}/", "http://[fe80::1]:{port}/", "http://[fd00::1]:{port}/", "http://[fec0::1]:{port}/",
    "http://[ff02::1]:{port}/", "http://[::1%25lo]:{port}/", "http://[64:ff9b::a9fe:a9fe]:{port}/",
    "http://[::ffff:0:127.0.0.1]:{port}/",
)  # fmt: skip
NETWORK = (
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/latest/", "http://[::ffff:169.254.169.254]/",
    "http://2852039166/", "http://0xa9fea9fe/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/",
    "http://100.64.0.1/", "http://100.100.100.200/", "http://192.0.0.8/", "http://192.0.0.192/", "http://198.18.0.1/",
    "http://224.0.0.1/", "http://255.255.255.255/", "http://240.0.0.1/", "http://192.0.2.1/",
)  # fmt: skip
TRICKS = (
    "http://example.com@127.0.0.1:{port}/", "http://a@127.0.0.1:{port}/", "http://a:b@localhost:{port}/",
    "http://127.0.0.1:{port}@example.com/", "http://example.com\\@127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}\\",
    "http://127.0.0.1:{port}\\.example.com/", "http:///127.0.0.1:{port}/", "http:127.0.0.1:{port}/", "//127.0.0.1:{port}/",
    " http://127.0.0.1:{port}/", "http://127.0.0.1:{port}/\r\nX: y", "http://127.0.0.1\t:{port}/", "http://[::1]evil.com:{port}/",
    "http://127.0.0.1:{port}:80/", "http://:{port}/", "http://?@127.0.0.1:{port}/", "http://#@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/", "http://127.0.0.1:0{port}/", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/",
)  # fmt: skip
SCHEMES = (
    "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "gopher://127.0.0.1:{port}/_GET", "ftp://127.0.0.1:{port}/",
    "data:text/html,<h1>x</h1>", "dict://127.0.0.1:{port}/", "ldap://127.0.0.1:{port}/", "jar:http://127.0.0.1:{port}!/",
    "javascript:alert(1)", "ws://127.0.0.1:{port}/", "unix:///var/run/docker.sock", "",
)  # fmt: skip
DIRECT = LOOPBACK + SIX + NETWORK + TRICKS + SCHEMES
REDIRECTED = (
    *LOOPBACK[:8],
    *SIX[:6],
    NETWORK[0],
    *TRICKS[:3],
    *SCHEMES[:5],
    "//127.0.0.1:{port}/",
    "\\\\127.0.0.1:{port}/",
)
"""What a public server redirects to."""
REBOUND = (
    ("93.184.215.14", "127.0.0.1"), ("93.184.215.14", "::1"), ("93.184.215.14", "169.254.169.254"),
    ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:127.0.0.1"),
)  # fmt: skip
"""What a name stands for when it is asked first, and ever after."""
BOTH = (("93.184.215.14", "127.0.0.1"), ("127.0.0.1", "93.184.215.14"), ("93.184.215.14", "64:ff9b::7f00:1"))
"""What a name stands for at once."""
