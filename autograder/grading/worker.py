"""The program that a worker process starts: prepare everything, then serve.

It is run by path, never imported, in a process that has loaded nothing of ours.  The
``autograder`` that student code sees is a stand-in without answers.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import sys
import types
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
AUTOGRADER = os.path.dirname(HERE)


def _stand_ins() -> None:
    """Provide ``autograder`` with silent checks and the few modules a worker needs."""
    package = _namespace("autograder", [])
    for name in ("check", "exercise", "hint", "predict", "reveal"):
        setattr(package, name, _silent(name))
    package.__getattr__ = _anything  # type: ignore[method-assign]
    for name in ("time_limit", "calling", "functions"):
        path = os.path.join(AUTOGRADER, f"{name}.py")
        spec = importlib.util.spec_from_file_location(f"autograder.{name}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    _namespace("autograder.grading", [])
    _namespace("autograder.grading.inside", [os.path.join(HERE, "inside")])


def _silent(name: str) -> Any:
    def stand_in(*args: Any, **kwargs: Any) -> None:
        return None

    stand_in.__name__ = name
    return stand_in


def _anything(name: str) -> Any:
    """Whatever else a notebook imports from the package does nothing either."""
    if name.startswith("_"):
        raise AttributeError(name)
    return _silent(name)


def _namespace(name: str, path: list[str]) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__path__ = path
    sys.modules[name] = module
    return module


def _library(folder: str) -> None:
    """Make ``backproplab`` importable without what lies beside it."""
    path = os.path.join(folder, "__init__.py")
    spec = importlib.util.spec_from_file_location(
        "backproplab", path, submodule_search_locations=[folder]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["backproplab"] = module
    spec.loader.exec_module(module)


def _preload(names: list[str]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # a lesson's optional helper may be missing here
            continue


def _draw_nothing() -> None:
    from autograder.grading.inside.undrawn import draw_later

    pictures = sys.modules.get("backproplab.pictures")
    if pictures is not None:
        draw_later(pictures)


def _readable(library: str, answers: set[str]) -> list[str]:
    """What student code may read: Python, its packages, our library without answers."""
    import sysconfig

    paths = sysconfig.get_paths()
    beside = {paths["purelib"], paths["platlib"]}
    beside |= {p for p in sys.path if p.endswith(("-packages",))}
    found = [path for path in _below(library) if path not in answers]
    found += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo"]
    found += ["/dev/null", "/dev/zero", "/dev/urandom", "/etc/ld.so.cache"]
    for folder in (paths["stdlib"], paths["platstdlib"]):
        found += _entries(folder, leave_out=("site-packages", "dist-packages"))
    for folder in beside:
        found += _entries(
            folder, leave_out=("autograder", "backproplab", "__editable__")
        )
    return [p for p in found if os.path.exists(p)]


def _below(folder: str) -> list[str]:
    """All files in a folder but for compiled ones: those would show the rest."""
    return [
        os.path.join(base, name)
        for base, _, names in os.walk(folder)
        for name in names
        if not base.endswith("__pycache__")
    ]


def _files(dotted_names: list[str]) -> set[str]:
    """The files of the modules that these functions are in."""
    modules = [sys.modules.get(name.rpartition(".")[0]) for name in dotted_names]
    return {module.__file__ for module in modules if module and module.__file__}


def _entries(folder: str, leave_out: tuple[str, ...]) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    kept = [n for n in names if not n.startswith(leave_out) and not n.endswith(".pth")]
    return [os.path.join(folder, name) for name in kept]


def main() -> None:
    """Start as the JSON in the first argument says."""
    options = json.loads(sys.argv[1])
    _stand_ins()
    from autograder.grading.inside import namespaces
    from autograder.grading.inside.limits import Limits, processes_of_user

    crowd = processes_of_user()  # a new namespace would hide the others
    entered = options["namespaces"] and namespaces.enter()
    import gc

    import numpy as np

    from autograder.grading.inside import serve, shell, zygote
    from autograder.grading.inside.fence import Fence

    for module in (np.random, np.linalg, np.fft, np.polynomial, np.ma, np.testing):
        assert module
    _library(options["library"])
    prepared = shell.make_shell()
    serve.warm_up(prepared)
    _preload(options["preload"])
    _draw_nothing()
    withheld = options["blocked"]
    for dotted in withheld:
        serve.places(dotted)
    sys.path[:] = [p for p in sys.path if not _holds_us(p)]
    sys.path.append(options["scratch"])  # for a student's own %%writefile module.py
    limits = Limits(**options["limits"])
    library = options["library"]
    fence = Fence(
        options["scratch"],
        limits,
        options["refused"],
        _readable(library, _files(withheld)),
        [library],
        crowd,
    )
    about = {
        "namespaces": namespaces.identities(),
        "entered": bool(entered),
        "landlock": fence.abi,
        "seccomp": fence.filter,
        "uid": fence.drop_uid,
        "threads": _threads(),
    }
    gc.collect()
    gc.freeze()
    if options["control"] is not None:
        import socket

        control = socket.socket(fileno=options["control"])
        try:
            zygote.run(control, fence, prepared, about)
        finally:  # also when the grader is gone before the first message
            shutil.rmtree(os.path.dirname(options["scratch"]), ignore_errors=True)
        return
    inward, outward = os.dup(0), os.dup(1)
    os.chdir(options["scratch"])
    pipe = serve.Pipe(inward, outward)
    pipe.send(serve.wire.encode(about))
    uid = fence.next_uid()
    if uid is not None:
        os.chown(options["scratch"], uid, uid)
    if pipe.receive() == {"do": "start"}:
        fence.close({inward, outward}, uid)
        serve.serve(pipe, prepared)


def _holds_us(folder: str) -> bool:
    """Whether a path entry is the project itself rather than a package folder."""
    return os.path.realpath(folder or ".") == os.path.dirname(AUTOGRADER) and not (
        folder.endswith("-packages")
    )


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


if __name__ == "__main__":
    main()
