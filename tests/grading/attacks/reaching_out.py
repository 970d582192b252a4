"""Submissions that reach for files, processes, the network."""

from __future__ import annotations

from tests.grading.attacks.attack import honest, zeros

REACHING_OUT = (
    honest("60 write outside", "open(OUTSIDE + '/written', 'w').write('x')",
            reaches="writing other files"),
    honest("60 write the home folder", """
        import os, pwd
        home = pwd.getpwuid(os.getuid()).pw_dir
        open(os.path.join(OUTSIDE, "..", os.path.basename(OUTSIDE), "written"), "w")
        """, reaches="writing other files"),
    honest("59 link outside", "import os; os.symlink(OUTSIDE + '/secret', 'link');"
            " open('link', 'a').write('x')", reaches="writing other files"),
    honest("59 hard link", "import os; os.link(OUTSIDE + '/secret', 'hard');"
            " open('hard', 'a').write('x')", reaches="writing other files"),
    honest("60 remove a classmate's work", "import os; os.remove(OUTSIDE + '/secret')",
            reaches="writing other files"),
    honest("60 rename", "import os;"
            " os.rename(OUTSIDE + '/secret', OUTSIDE + '/written')",
            reaches="writing other files"),
    honest("60 truncate", "import os; os.truncate(OUTSIDE + '/secret', 0)",
            reaches="writing other files"),
    honest("chmod", "import os; os.chmod(OUTSIDE + '/secret', 0o777)",
            reaches="changing other files"),
    honest("change times", "import os; os.utime(OUTSIDE + '/secret', (1, 1))",
            reaches="changing other files"),
    zeros("53 read a classmate's work", """
        text = open(OUTSIDE + "/secret").read()
        exec(text)
        """, reaches="reading other files"),
    zeros("51 read through proc", """
        import os
        for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
            for name in ("environ", "mem", "maps", "cwd/secret", "root/etc/shadow"):
                try:
                    data = open(f"/proc/{pid}/{name}", "rb").read(100)
                except OSError:
                    continue
                if int(pid) != os.getpid():
                    open("stolen", "wb").write(data)
        """, reaches="reading other files"),
    honest("8 fork bomb", """
        import os
        for _ in range(100):
            try:
                if os.fork() == 0:
                    while True: pass
            except OSError:
                break
        """, reaches="new processes"),
    honest("58 daemon", """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        """, reaches="new processes"),
    honest("8 clone by number", """
        import ctypes
        libc = ctypes.CDLL(None)
        for number in (56, 57, 58, 435):
            if libc.syscall(number, 0, 0, 0, 0, 0) == 0:
                while True: pass
        """, reaches="new processes"),
    honest("57 program", "import subprocess; subprocess.run(['/bin/sh', '-c',"
            " 'sleep 600 & echo x > ' + OUTSIDE + '/written'])",
            reaches="other programs"),
    honest("57 posix_spawn", "import os;"
            " os.posix_spawn('/bin/sleep', ['sleep', '600'], {})",
            reaches="new processes"),
    honest("56 tcp", """
        import socket
        socket.create_connection(("127.0.0.1", PORT), 1).send(b"x")
        """, reaches="network"),
    honest("56 udp", """
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.sendto(b"x", ("127.0.0.1", PORT))
        """, reaches="network"),
    honest("56 other sockets", """
        import socket
        opened = []
        for family in (1, 10, 16, 17, 38, 40):
            for kind in (1, 2, 3, 5):
                try:
                    opened.append(socket.socket(family, kind))
                except OSError:
                    pass
        if opened:
            open(OUTSIDE + "/written", "w")
        """, reaches="network"),
    honest("66 io_uring", """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.syscall(425, 8, ctypes.create_string_buffer(120)) >= 0:
            while True: pass
        """, reaches="network"),
    honest("49 kill the grader", "import os; os.kill(GRADER, 9)",
            reaches="signals to the grader"),
    honest("49 kill the parent", "import os; os.kill(os.getppid(), 9)",
            reaches="signals to the grader"),
    honest("49 kill everybody", "import os; os.kill(-1, 9)",
            reaches="signals to the grader"),
    honest("49 signal by file owner", """
        import fcntl, os
        r, w = os.pipe()
        fcntl.fcntl(r, fcntl.F_SETOWN, GRADER)
        fcntl.fcntl(r, 10, 9)
        fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC)
        os.write(w, b"x")
        """, reaches="signals to the grader"),
    honest("50 ptrace", """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.ptrace(16, GRADER, 0, 0) == 0:
            while True: pass
        """, reaches="signals to the grader"),
    honest("63 raise limits", """
        import resource
        for name in ("AS", "CPU", "FSIZE", "NOFILE"):
            kind = getattr(resource, "RLIMIT_" + name)
            try:
                resource.setrlimit(kind, (resource.RLIM_INFINITY,) * 2)
            except (ValueError, OSError):
                continue
            while True: pass
        """, reaches="memory without limit"),
    honest("63 become root", """
        import os
        try:
            os.setuid(0)
        except OSError:
            pass
        else:
            open(OUTSIDE + "/written", "w")
        """, reaches="writing other files"),
    honest("63 new namespaces", """
        import ctypes
        if ctypes.CDLL(None).unshare(0x10000000) == 0:
            open(OUTSIDE + "/written", "w")
        """, reaches="writing other files"),
    honest("61 shared memory", """
        import ctypes
        if ctypes.CDLL(None).shmget(4242, 4096, 0o1666) >= 0:
            open(OUTSIDE + "/written", "w")
        """, reaches="new processes"),
    honest("61 shared memory folder", """
        open("/dev/shm/backproplab-left", "w").write("x")
        """, reaches="writing other files"),
    honest("61 keyring", """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.syscall(248, b"user", b"left", b"x", 1, -4) >= 0:
            while True: pass
        """, reaches="new processes"),
    honest("61 file locks", """
        import fcntl, numpy
        with open(numpy.__file__) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH)
            except OSError:
                pass
            else:
                while True: pass
        """, reaches="new processes"),
    honest("63 undo the fence", """
        import ctypes
        libc = ctypes.CDLL(None)
        for option, value in ((1, 0), (4, 1), (22, 0), (24, 1), (36, 1)):
            libc.prctl(option, value, 0, 0, 0)
        open(OUTSIDE + "/written", "w")
        """, reaches="writing other files"),
    honest("55 environment", """
        import os, sys
        text = repr(dict(os.environ)) + repr(sys.argv) + repr(sys.orig_argv)
        if any(word in text for word in ("SECRET_OF_THE_GRADER", "seed", "/submitted")):
            while True: pass
        """),
)  # fmt: skip
