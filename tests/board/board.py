"""A board in QEMU: boots an image, watches its console, forwards its ports, pulls its cable and its plug."""
import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
QEMU = os.environ.get("QEMU", "qemu-system-arm")
# Generous: a loaded machine emulates slowly, and no verdict hangs on the time.
SECONDS = 120

MPS2_FLASH = 16 << 20  # bytes of the memory that stands for a flash chip
# Machine, and how a file becomes its flash: memory that outlives QEMU, or a chip at the SPI controller.
MACHINES = {
    "mps2-an385": ("mps2-an385", "memory"),
    "mps2-an386": ("mps2-an386", "memory"),
    "mps2-an500": ("mps2-an500", "memory"),
    "emcraft-sf2": ("emcraft-sf2", "mtd"),
}


def built(board, image="latchkey.elf"):
    """An image of the board's preset."""
    return pathlib.Path(os.environ.get("LATCHKEY_BUILD", ROOT / "build" / board), image)


class Board:
    """
    One QEMU. `image` is what it boots, built(name) unless given. `flash`, a path, makes what the board stores outlive
    it; the file is made when it is not there. `ports` are the guest's TCP ports that the host may reach, at the guest's
    `address`: see port(). `netdev` replaces QEMU's own network: the text after `-netdev`, with id=n0. `argument` is what
    the image finds as its command line by semihosting. `options` is passed on to QEMU as it is. `icount` counts
    instructions and makes the guest's time follow from them alone.

    Use it as a context manager, or call close().
    """

    def __init__(self, name, image=None, flash=None, ports=(443,), address="", netdev=None, argument="", options=(),
                 icount=False):
        self.name = name
        self.image = pathlib.Path(image or built(name))
        self.flash = pathlib.Path(flash) if flash else None
        self.guest_ports = tuple(ports)
        self.address = address
        self.netdev = netdev
        self.argument = argument
        self.options = list(options)
        self.icount = icount
        self.process = None
        self.folder = tempfile.TemporaryDirectory(prefix="latchkey-board-")
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if exception[0] is not None:
            print(self.text)  # pytest shows it with the failure
        self.close()

    # --- power ------------------------------------------------------------------------------------------------------

    def command(self):
        machine, medium = MACHINES[self.name]
        command = [QEMU, "-kernel", str(self.image), "-display", "none", "-monitor", "none", "-serial", "stdio"]
        # QEMU joins the words with spaces; the first is the program's name to the guest.
        words = "".join(f",arg={word}" for word in ["image", *self.argument.split()])
        command += ["-semihosting-config", f"enable=on,target=native{words}"]
        command += ["-qmp", f"unix:{self.folder.name}/qmp,server=on,wait=off"]
        if self.icount:
            command += ["-icount", "shift=0,sleep=off"]
        if self.flash and medium == "memory":
            command += ["-object", f"memory-backend-file,id=flash,size={MPS2_FLASH},mem-path={self.flash},share=on"]
            machine += ",memory-backend=flash"
        elif self.flash:
            # An erased NOR chip holds ones.
            if not self.flash.exists():
                self.flash.write_bytes(b"\xff" * MPS2_FLASH)
            command += ["-drive", f"file={self.flash},if=mtd,format=raw"]
        forwards = "".join(f",hostfwd=tcp:127.0.0.1:0-{self.address}:{port}" for port in self.guest_ports)
        command += ["-M", machine, "-netdev", self.netdev or f"user,id=n0{forwards}", "-net", "nic,netdev=n0"]
        return command + self.options

    def start(self):
        assert self.process is None
        self.text = ""
        self.changed = threading.Condition()
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, bufsize=0
        )
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self.reader.start()
        self._connect_monitor()
        self.forwarded = {}
        if not self.netdev and self.guest_ports:
            pattern = r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)"
            for host, guest in re.findall(pattern, self.monitor("info usernet")):
                self.forwarded[int(guest)] = int(host)

    def kill(self):
        """A power cut."""
        self._end(lambda: self.process.kill())

    def stop(self):
        """Switches it off; what QEMU still holds for the flash file is written."""
        self._end(lambda: self.qmp("quit"))

    def restart(self):
        self.kill()
        self.start()

    def wait_exit(self, seconds=SECONDS):
        """Waits until the guest ends QEMU by semihosting. Returns its exit code."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the guest does not end\n{self.text}") from None
        self._end(lambda: None)
        return code

    def close(self):
        if self.process is not None:
            self.kill()
        self.folder.cleanup()

    def _end(self, action):
        with contextlib.suppress(OSError):
            action()
        self.process.wait(SECONDS)
        self.reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.qmp_file, self.qmp_socket, self.errors):
            with contextlib.suppress(OSError):
                stream.close()
        self.process = None

    # --- console ----------------------------------------------------------------------------------------------------

    def _read(self, stdout):
        while chunk := stdout.read(4096):
            with self.changed:
                self.text += chunk.decode("utf-8", "replace").replace("\r", "")
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    @property
    def position(self):
        """How much the console has said: wait_for can begin there."""
        return len(self.text)

    def wait_for(self, pattern, after=0, seconds=SECONDS):
        """Waits until the regular expression matches in the whole lines that the console said since position `after`.
        Returns the match."""
        expression = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + seconds
        with self.changed:
            while not (match := expression.search(self.text, after, self.text.rfind("\n") + 1)):
                left = deadline - time.monotonic()
                dead = self.process.poll() is not None and not self.reader.is_alive()
                if dead or left <= 0:
                    self.errors.seek(0)
                    what = "QEMU ended" if dead else "not seen in time"
                    raise AssertionError(f"{pattern!r}: {what}\n{self.text}{self.errors.read()}")
                self.changed.wait(min(left, 1))
        return match

    def send(self, text):
        """Types on the serial console."""
        self.process.stdin.write(text.encode())

    def ask(self, line, pattern, seconds=SECONDS):
        """Types a line and waits for what it brings. Returns the match."""
        at = self.position
        self.send(line + "\n")
        return self.wait_for(pattern, at, seconds)

    # --- network ----------------------------------------------------------------------------------------------------

    def port(self, guest=443):
        """The port on 127.0.0.1 that leads to the guest's."""
        return self.forwarded[guest]

    def connect(self, guest=443, seconds=SECONDS):
        return socket.create_connection(("127.0.0.1", self.port(guest)), seconds)

    def set_link(self, up):
        """Plugs the network cable in or out."""
        self.monitor(f"set_link n0 {'on' if up else 'off'}")

    # --- monitor ----------------------------------------------------------------------------------------------------

    def _connect_monitor(self):
        deadline = time.monotonic() + SECONDS
        while True:
            self.qmp_socket = socket.socket(socket.AF_UNIX)
            try:
                self.qmp_socket.connect(f"{self.folder.name}/qmp")
                break
            except OSError:
                self.qmp_socket.close()
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.errors.seek(0)
                    raise AssertionError(f"QEMU does not start\n{self.errors.read()}") from None
                time.sleep(0.01)
        self.qmp_socket.settimeout(SECONDS)
        self.qmp_file = self.qmp_socket.makefile("rw")
        self.qmp_file.readline()  # its greeting
        self.qmp("qmp_capabilities")

    def qmp(self, execute, **arguments):
        """A command of QEMU's machine protocol. Returns its answer."""
        self.qmp_file.write(json.dumps({"execute": execute, "arguments": arguments}) + "\n")
        self.qmp_file.flush()
        while line := self.qmp_file.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise AssertionError(answer["error"]["desc"])
            if "return" in answer:
                return answer["return"]
        return None

    def monitor(self, command):
        """A line of QEMU's human monitor. Returns its text."""
        return self.qmp("human-monitor-command", **{"command-line": command})
