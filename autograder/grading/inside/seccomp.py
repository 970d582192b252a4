"""A seccomp filter: no new processes, programs, sockets, signals or privileges.

Numbers are the kernel's own (x86_64, aarch64); a call that one of them lacks is None.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from functools import cache

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

REFUSED: dict[str, tuple[int | None, int | None]] = {
    # new processes and programs
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221),
    "execveat": (322, 281), "uselib": (134, None),
    # network
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # signals and other processes
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "ptrace": (101, 117), "kcmp": (312, 272),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448),
    "setpgid": (109, 154), "setsid": (112, 157), "setpriority": (141, 140),
    "ioprio_set": (251, 30), "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "migrate_pages": (256, 238), "move_pages": (279, 239),
    # limits, privileges, namespaces, mounts
    "setrlimit": (160, 164), "setuid": (105, 146), "setgid": (106, 144),
    "setreuid": (113, 145), "setregid": (114, 143), "setgroups": (116, 159),
    "setresuid": (117, 147), "setresgid": (119, 149), "setfsuid": (122, 151),
    "setfsgid": (123, 152), "capset": (126, 91), "personality": (135, 92),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51),
    "pivot_root": (155, 41), "mount": (165, 40), "umount2": (166, 39),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "seccomp": (317, 277),
    # things that outlive the process or reach beyond it
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "shmdt": (67, 197),
    "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191),
    "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189),
    "msgrcv": (70, 188), "msgctl": (71, 187), "mq_open": (240, 180),
    "mq_unlink": (241, 181), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "flock": (73, 32), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "inotify_init": (253, None),
    "inotify_init1": (294, 26), "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # the file's owner, mode, times and attributes (Landlock leaves these open)
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, None), "fchown": (93, 55),
    "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None),
    "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "truncate": (76, 45), "mknod": (133, None), "mknodat": (259, 33),
    "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    # the kernel itself
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_setup": (206, 0), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "sethostname": (170, 161),
    "setdomainname": (171, 162), "syslog": (103, 116), "iopl": (172, None),
    "ioperm": (173, None), "vhangup": (153, 58), "lookup_dcookie": (212, 18),
    "syncfs": (306, 267), "sync": (162, 81),
}  # fmt: skip

# Without Landlock nothing may be written at all.
WRITING: dict[str, tuple[int | None, int | None]] = {
    "creat": (85, None), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "mkdir": (83, None), "mkdirat": (258, 34),
    "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35),
    "ftruncate": (77, 46), "fallocate": (285, 47), "copy_file_range": (326, 285),
}  # fmt: skip
NOT_THERE: dict[str, tuple[int | None, int | None]] = {
    "clone3": (435, 435), "openat2": (437, 437),
}  # fmt: skip
LAST_KNOWN = 462

CLONE_THREAD = 0x10000
WRITE_FLAGS = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000 | 0o20000000
NAMES_ONLY = (15, 16, 0x53564D41)  # prctl: thread names and memory labels
LOCKS_AND_OWNERS = (5, 6, 7, 8, 10, 15, 36, 37, 38, 1024, 1026)  # fcntl commands
SIGNALLING = (0x8901, 0x8902, 0x5452, 0x5412, 0x541C)  # ioctl requests

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000

Step = tuple[int, int, int, int]


def _answer(code: int) -> Step:
    return (RETURN, 0, 0, 0x00050000 | code)


_ALLOW: Step = (RETURN, 0, 0, ALLOW)
_REFUSE = _answer(errno.EPERM)


def _argument(number: int, high: bool = False) -> Step:
    return (LOAD, 0, 0, 16 + 8 * number + 4 * high)


def _one_of(number: int, values: tuple[int, ...], hit: Step, miss: Step) -> list[Step]:
    steps = [_argument(number)]
    for value in values:
        steps += [(EQUAL, 0, 1, value & 0xFFFFFFFF), hit]
    return [*steps, miss]


def _bits(number: int, mask: int, hit: Step, miss: Step) -> list[Step]:
    return [_argument(number), (ANY_BIT, 0, 1, mask), hit, miss]


def _only_without(number: int) -> list[Step]:
    """Allowed while this argument is a null pointer."""
    return [
        *(_argument(number), (EQUAL, 1, 0, 0), _REFUSE),
        *(_argument(number, high=True), (EQUAL, 1, 0, 0), _REFUSE, _ALLOW),
    ]


def _when(call: int | None, steps: list[Step]) -> list[Step]:
    return [] if call is None else [(EQUAL, 0, len(steps), call), *steps]


@cache
def program(machine: str, read_only: bool) -> bytes:
    """The filter as bytes for the kernel."""
    column, audit = ARCHITECTURES[machine]
    steps: list[Step] = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, audit), (RETURN, 0, 0, KILL)]
    steps += [(LOAD, 0, 0, 0)]
    if machine == "x86_64":
        steps += [(AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, KILL)]
    rofs = _answer(errno.EROFS)
    special: list[tuple[tuple[int | None, int | None], list[Step]]] = [
        ((56, 220), _bits(0, CLONE_THREAD, _ALLOW, _REFUSE)),
        ((53, 199), _one_of(0, (1,), _ALLOW, _REFUSE)),
        ((157, 167), _one_of(0, NAMES_ONLY, _ALLOW, _REFUSE)),
        ((302, 261), _only_without(2)),  # prlimit64: no new limit
        ((44, 206), _only_without(4)),  # sendto: no address
        ((72, 25), _one_of(1, LOCKS_AND_OWNERS, _REFUSE, _ALLOW)),
        ((16, 29), _one_of(1, SIGNALLING, _REFUSE, _ALLOW)),
    ]
    if read_only:
        special += [((2, None), _bits(1, WRITE_FLAGS, rofs, _ALLOW))]
        special += [((257, 56), _bits(2, WRITE_FLAGS, rofs, _ALLOW))]
        special += [(numbers, [rofs]) for numbers in WRITING.values()]
    special += [(numbers, [_answer(errno.ENOSYS)]) for numbers in NOT_THERE.values()]
    special += [(numbers, [_REFUSE]) for numbers in REFUSED.values()]
    for numbers, block in special:
        steps += _when(numbers[column], block)
    steps += [(AT_LEAST, 0, 1, LAST_KNOWN + 1), _answer(errno.ENOSYS), _ALLOW]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def available() -> bool:
    """Whether this system's calls are known here."""
    return platform.system() == "Linux" and platform.machine() in ARCHITECTURES


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def load(read_only: bool) -> None:
    """Put this process under the filter, for good (needs no_new_privs)."""
    steps = program(os.uname().machine, read_only)
    holder = _Program(len(steps) // 8, steps)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, 2, ctypes.byref(holder), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp refused the filter")
