from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.fetch.addresses import check_url, is_public, may_connect
from transforms.errors import FetchError

NOT_PUBLIC = r"""
127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254
100.64.0.1
100.100.100.200 168.63.129.16 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
240.0.0.1
255.255.255.255 192.88.99.1 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 ::8.8.8.8 fe80::1
fe80::1%eth0
fc00::1 fd00:ec2::254 fec0::1 ff02::1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1::
2002:808:808::1 2001::1 2001:0:7f00:1:: 2001:db8::1 100::1 2606:4700::1%eth0 localhost 2130706433
0x7f.1 127.1
1.2.3
"""
REFUSED = r"""
file:///etc/passwd data:text/html,x javascript:alert(1) ftp://a.test/ gopher://a.test/ http:// http:///x
//a.test/ http://user@a.test/ http://a.test\@127.0.0.1/ http://a.test:25/ http://a.test:22/ http://a.test:6667/
http://a.test:0/ http://a.test:99999/ http://127.0.0.1/ http://[::1]/ http://[::ffff:10.0.0.1]/
http://2130706433/ http://0x7f000001/ http://0177.0.0.1/ http://127.1/ http://127.0.0.1./ http://0x7f.0.0.1/
http://10.0.0.1:8080/ http://1.2.3.4.5/ http://a.127/ http://169.254.169.254/latest
http://127。0。0。1/ http://１２７.0.0.1/ http://①②⑦.0.0.1/ http://127｡1/ http://127.0.0.1。/ http://%31%32%37.0.0.1/
http://127.0.0.%31/ http://a%00.test/
"""


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "2a00:1450::1"]
)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    NOT_PUBLIC.split(),
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.test/",
        "https://a.test:8443/x",
        "http://8.8.8.8/",
        "http://[2606:4700::1111]:8080/",
        "http://1.2.3.test/",
    ],
)
def test_may_be_requested(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    REFUSED.split(),
)
def test_is_refused(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        check_url(url)
    assert (caught.value.reason, caught.value.status, caught.value.retryable) == (
        "E_FETCH_REFUSED",
        "refused",
        False,
    )


@pytest.mark.parametrize(
    "url", ["http://a.test/\r\nX: y", "http://a.test/ b", "http://a\t.test/", "http://a.test/\x7f"]
)
def test_control_characters_are_refused(url: str) -> None:
    with pytest.raises(FetchError):
        check_url(url)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("fd12::1", True),
        ("10.2.0.1", False),
        ("fd13::1", False),
    ],
)
def test_private_networks_can_be_allowed(address: str, allowed: bool) -> None:
    own = (ip_network("10.1.0.0/16"), ip_network("fd12::/32"))
    assert may_connect(address, own) is allowed
    assert may_connect("8.8.8.8", own)
    assert not may_connect("nowhere", own)
    host = f"[{address}]" if ":" in address else address
    if allowed:
        check_url(f"http://{host}:8080/", own)
    else:
        with pytest.raises(FetchError):
            check_url(f"http://{host}:8080/", own)


@given(st.one_of(st.text(max_size=50), st.ip_addresses().map(lambda ip: f"http://[{ip}]/")))
def test_only_fetch_errors_come_out(url: str) -> None:
    try:
        check_url(url)
    except FetchError:
        return
    assert url.lower().startswith("http")
