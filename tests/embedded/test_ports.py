import socket

import pytest

from embedded.errors import StackError
from embedded.ports import FREE_RANGE, is_free, ports_for


def test_ports_are_free_different_and_below_those_of_outgoing_connections() -> None:
    ports = ports_for([f"P{n}" for n in range(50)])
    assert len(set(ports.values())) == 50
    assert all(port in FREE_RANGE and is_free(port) for port in ports.values())


def test_from_a_base_they_are_consecutive_in_the_order_of_the_names() -> None:
    base = ports_for(["ANY"])["ANY"]
    assert ports_for(["A", "B"], base) == {"A": base, "B": base + 1}


def test_a_port_in_use_is_named_with_what_wanted_it() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(StackError, match=rf"port {port}, wanted for KAFKA_PORT"):
            ports_for(["KAFKA_PORT"], port)


def test_a_taken_port_is_not_given_again() -> None:
    free = ports_for(["A"])["A"]
    others = frozenset(FREE_RANGE) - {free}
    assert ports_for(["A"], taken=others) == {"A": free}
