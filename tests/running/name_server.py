"""A small real name server on this machine: what a test gives it, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class _Answers(asyncio.DatagramProtocol):
    def __init__(self, texts: Mapping[str, Sequence[str]]) -> None:
        self._texts = texts

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        name = query.question[0].name
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA | dns.flags.RA
        texts = self._texts.get(name.to_text(omit_final_dot=True).lower())
        if texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif texts:
            pieces = [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in texts]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *pieces))
        self._transport.sendto(answer.to_wire(max_size=4096), addr)


@asynccontextmanager
async def a_name_server(
    texts: Mapping[str, Sequence[str]], address: tuple[str, int] = ("127.0.0.1", 0)
) -> AsyncIterator[str]:
    """Run a name server that knows these TXT records, on a free port where none is given; gives address and port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Answers(texts), local_addr=address)
    try:
        yield "{}:{}".format(*transport.get_extra_info("sockname"))
    finally:
        transport.close()
