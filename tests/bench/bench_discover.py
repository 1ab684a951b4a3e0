"""What it costs a build to tell ctest of its tests: 10 GoogleTest programs of 500 cases each, linked with
gtest_discover_tests(), with gangway_discover_tests() and with neither. Processor time of `ninja` that links
all ten, the least of some rounds; what it takes more than with neither is the discovery's.
"""
import os
import resource
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS, CASES = 10, 500

PROJECT = """
cmake_minimum_required(VERSION 3.16)
project(bench CXX)
enable_testing()
include(GoogleTest)
include(Gangway)
find_package(GTest REQUIRED)
add_library(cases OBJECT "{source}")
foreach(i RANGE 1 {programs})
  add_executable(p${{i}} $<TARGET_OBJECTS:cases>)
  target_link_libraries(p${{i}} GTest::gtest)
  if(HOW STREQUAL gtest)
    gtest_discover_tests(p${{i}} TEST_PREFIX p${{i}}.)
  elseif(HOW STREQUAL gangway)
    gangway_discover_tests(p${{i}} TEST_PREFIX p${{i}}.)
  endif()
endforeach()
"""


def cpu(command, env):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def configure(gangway, how, env):
    subprocess.run(["cmake", "-S", "discover", "-B", how, "-G", "Ninja", f"-DHOW={how}",
                    f"-DCMAKE_MODULE_PATH={HERE}/../../cmake-modules", f"-DGANGWAY_EXECUTABLE={gangway}"],
                   check=True, env=env, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", how], check=True, env=env, stdout=subprocess.DEVNULL)


def relink(how, env, keeps_cache):
    for i in range(1, PROGRAMS + 1):
        os.remove(f"{how}/p{i}")
    if not keeps_cache:
        shutil.rmtree(f"{how}/CMakeFiles/gangway-cache", ignore_errors=True)
    return cpu(["ninja", "-C", how], env)


def count(how, env):
    text = subprocess.run(["ctest", "--test-dir", how, "-N"], check=True, env=env, capture_output=True,
                          text=True).stdout
    return int(text.rsplit("Total Tests: ", 1)[1])


def bench(gangway, rounds=5):
    env = dict(os.environ, CASES=str(CASES))
    os.mkdir("discover")
    with open("discover/CMakeLists.txt", "w", encoding="utf-8") as f:
        f.write(PROJECT.format(source=f"{HERE}/cases_test.cc", programs=PROGRAMS))
    for how in ("none", "gtest", "gangway"):
        configure(gangway, how, env)
    for how in ("gtest", "gangway"):
        if count(how, env) != PROGRAMS * CASES:
            raise SystemExit(f"{how}: ctest sees {count(how, env)} tests")
    best = {}
    for _ in range(rounds):
        for name, how, keeps in (("link alone", "none", False),
                                 ("gtest_discover_tests", "gtest", False),
                                 ("gangway_discover_tests", "gangway", False),
                                 ("gangway_discover_tests, linked the same again", "gangway", True)):
            seconds = relink(how, env, keeps)
            best[name] = min(seconds, best.get(name, seconds))
    print(f"\n{PROGRAMS} GoogleTest programs of {CASES} cases: processor time of the build that links them")
    alone = best["link alone"]
    theirs = best["gtest_discover_tests"] - alone
    for name, seconds in best.items():
        more = seconds - alone
        ratio = f"{more / theirs:7.2f}x of gtest_discover_tests" if name != "link alone" else ""
        print(f"  {name:46} {seconds * 1000:8.0f} ms   +{more * 1000:6.0f} ms {ratio}")
