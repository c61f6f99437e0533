"""The one place that knows which platform and which interpreter this is.

Linux has everything; macOS has the counters and no /proc; on Windows and under
Jython only the clock is left. What is missing is absent, and callers say so.
"""

import os
import platform
import sys
import sysconfig

try:
    import resource
except ImportError:  # Windows, Jython
    resource = None


def counters():
    """What the kernel has counted for this process, all threads included."""
    if resource is None:
        return {}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu_us = round((usage.ru_utime + usage.ru_stime) * 1e6)
    return {"cpu_ns": int(cpu_us) * 1000,
            "voluntary": usage.ru_nvcsw, "involuntary": usage.ru_nivcsw}


def reset_peak():
    """Forgets the peak memory so far; False where that cannot be done."""
    try:
        with open("/proc/self/clear_refs", "w") as clear_refs:
            clear_refs.write("5")
        return True
    except EnvironmentError:
        return False


def proc_bytes(path, field):
    """A size from a file of Linux's /proc, such as VmRSS: of a status."""
    try:
        with open(path) as lines:
            for line in lines:
                if line.startswith(field):
                    return int(line.split()[1]) * 1024
    except EnvironmentError:
        pass
    return None


def interpreter():
    """What runs us, how it was built, and whether it has a global lock now."""
    implementation = platform.python_implementation().lower()
    version = platform.python_version()
    built = [profile(sysconfig.get_config_var("CONFIG_ARGS"))]
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        version += "t"
        built.append("free-threaded")
    if compiles_while_it_runs():
        built.append("jit")
    built.append(platform.python_compiler())
    if hasattr(sys, "_is_gil_enabled"):
        gil = sys._is_gil_enabled()
    else:
        gil = implementation not in ("jython", "ironpython")
    return {"implementation": implementation, "version": version, "gil": gil,
            "profile": ", ".join(filter(None, built))}


def compiles_while_it_runs():
    """Whether the interpreter turns what runs often into machine code."""
    jit = getattr(sys, "_jit", None)  # CPython 3.14's, where it was built in
    return (platform.python_implementation() != "CPython"
            or jit is not None and jit.is_enabled())


def packages():
    """The versions of the packages in requirements.txt that this program has
    imported."""
    pinned = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "requirements.txt")
    with open(pinned) as lines:
        names = [line.split("==")[0] for line in lines if "==" in line]
    names = [name for name in names if name.replace("-", "_") in sys.modules]
    if not names:
        return {}
    try:
        from importlib.metadata import version
    except ImportError:  # before 3.8
        return {}
    return dict((name, version(name)) for name in names)


def profile(flags):
    """Whether CPython was built to be fast, from its `configure` flags."""
    pgo = "--enable-optimizations" in (flags or "")
    # Debian optimizes by other means, so the lack of a flag says nothing.
    if not flags or not pgo and "--prefix=/usr'" in flags:
        return "unknown"
    known = [("lto", "--with-lto"), ("debug", "--with-pydebug")]
    return ", ".join(["pgo" if pgo else "no pgo"]
                     + [name for name, flag in known if flag in flags])


def hardware_threads():
    """The hardware threads this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    try:
        from multiprocessing import cpu_count
        return cpu_count()
    except ImportError:  # Jython
        from java.lang import Runtime
        return Runtime.getRuntime().availableProcessors()


def stay_on(cpus):
    """Keeps the calling thread, and those that it starts, on these hardware
    threads. Does nothing for None."""
    if cpus is not None:
        os.sched_setaffinity(0, cpus)


def stay_on_one_core():
    """Returns where the thread was before, for `stay_on`; None where this
    cannot be asked for."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    before = os.sched_getaffinity(0)
    stay_on([min(before)])
    return before


def on_one_core(work):
    """Calls `work()` on one core, where that can be asked for."""
    before = stay_on_one_core()
    try:
        return work()
    finally:
        stay_on(before)


def no_core_file():
    """For a process that crashes on purpose."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def private_stdout():
    """Keeps standard output for the runner lines: whatever else is printed,
    by a child process too, goes to standard error."""
    output = sys.stdout
    if hasattr(os, "dup2"):  # not in Jython
        output = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
    sys.stdout = sys.stderr
    return output
