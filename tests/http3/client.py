"""Speaks HTTP/3 as it is told to, with an implementation that is not ours.

    client.py PORT CERTIFICATE <STEPS >WHAT-CAME

STEPS is a JSON object: `steps`, a list of requests (`fields`, and perhaps `body`, or `open` for one that does not end) and
of bytes for a stream of their own (`raw` for one with a request, `uni` for another; in hexadecimal digits, perhaps `open`);
`together`, whether none of them waits for the one before it; `stalls`, whether no window is ever widened; `patience`, in
seconds; `stays`, whether to stay until the other side closes; `half`, how many connections to begin before, and never go
on with.

What came is, for each step, some of `status`, `fields`, `body` (in hexadecimal digits) and `reset` (a code), and of the
connection `closed` (a code, if the other side closed it), `alpn`, `retried` (whether the client had to show its address),
`resumable` and `early_data`; or `refused` alone.
"""

import asyncio
import json
import socket
import sys
import time

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic import events
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection


class Frames(H3Connection):
    """Knows that an answer to HEAD has a length and no body, which aioquic does not."""

    def _check_content_length(self, stream):
        if stream.stream_id not in self.heads:
            super()._check_content_length(stream)


class Client(QuicConnectionProtocol):
    def __init__(self, *arguments, **words):
        super().__init__(*arguments, **words)
        self.http = Frames(self._quic)
        self.http.heads = set()
        self.came, self.closed, self.moved = {}, None, asyncio.Event()

    def quic_event_received(self, event):
        if isinstance(event, events.ConnectionTerminated):
            self.closed = event.error_code
        elif isinstance(event, events.StreamReset) and event.stream_id in self.came:
            self.end(event.stream_id, reset=event.error_code)
        for event in self.http.handle_event(event):
            if isinstance(event, HeadersReceived):
                fields = [[name.decode(), value.decode()] for name, value in event.headers]
                self.came[event.stream_id] |= {"status": int(fields[0][1]), "fields": fields[1:]}
            elif isinstance(event, DataReceived):
                self.came[event.stream_id]["body"] += event.data.hex()
            if getattr(event, "stream_ended", False):
                self.end(event.stream_id)
        self.moved.set()

    def end(self, stream, **more):
        self.came[stream] |= {"ended": True} | more

    def take(self, step):
        if "uni" in step:
            stream = self._quic.get_next_available_stream_id(is_unidirectional=True)
            self._quic.send_stream_data(stream, bytes.fromhex(step["uni"]), not step.get("open"))
            self.transmit()
            return None
        stream = self._quic.get_next_available_stream_id()
        self.came[stream] = {"body": ""}
        if "raw" in step:
            self._quic.send_stream_data(stream, bytes.fromhex(step["raw"]), not step.get("open"))
        else:
            fields = [(name.encode(), value.encode()) for name, value in step["fields"]]
            if (b":method", b"HEAD") in fields:
                self.http.heads.add(stream)
            body, is_open = step.get("body", "").encode(), step.get("open", False)
            self.http.send_headers(stream, fields, end_stream=not (body or is_open))
            if body:
                self.http.send_data(stream, body, end_stream=not is_open)
        self.transmit()
        return stream

    async def until(self, is_done):
        while not is_done() and self.closed is None:
            self.moved.clear()
            await self.moved.wait()


def begin(count, port, configuration):
    """Says `count` times that a new client is there, and nothing more."""
    outlet = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(count):
        half = QuicConnection(configuration=configuration)
        half.connect(("127.0.0.1", port), now=time.time())
        for datagram, address in half.datagrams_to_send(now=time.time()):
            outlet.sendto(datagram, address)


async def main(port, certificate):
    told = json.load(sys.stdin)
    tickets = []
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=H3_ALPN, cafile=certificate, server_name="localhost"
    )
    begin(told.get("half", 0), port, configuration)
    connecting = connect(
        "127.0.0.1",
        port,
        configuration=configuration,
        create_protocol=Client,
        session_ticket_handler=tickets.append,
    )
    streams = []
    async with connecting as client:
        if told.get("stalls"):
            client._quic._write_connection_limits = lambda *_, **__: None
            client._quic._write_stream_limits = lambda *_, **__: None
        has_ended = lambda stream: stream is None or client.came[stream].get("ended")
        try:
            async with asyncio.timeout(told.get("patience", 60)):
                for step in told["steps"]:
                    streams.append(client.take(step))
                    if not told.get("together"):
                        await client.until(lambda: has_ended(streams[-1]))
                await client.until(lambda: all(map(has_ended, streams)))
                if told.get("stays"):
                    await client.until(lambda: False)
        except TimeoutError:
            pass
        # What comes now is the client's own end.
        closed = client.closed
    print(
        json.dumps(
            {
                "answers": [client.came.get(stream, {}) for stream in streams],
                "closed": closed,
                "alpn": client._quic.tls.alpn_negotiated,
                "retried": client._quic._retry_source_connection_id is not None,
                "resumable": bool(tickets),
                "early_data": any(ticket.max_early_data_size for ticket in tickets),
            }
        )
    )


if __name__ == "__main__":
    try:
        asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
    except ConnectionError:
        print(json.dumps({"refused": True}))
