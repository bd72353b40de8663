/* Stands between a program and the system (LD_PRELOAD) and lets one call go wrong: the n-th of chosen
 * kinds on files below a folder. Scripts/torture and Scripts/faults build and drive it.
 *
 *   FAULTS_UNDER   folder; only its files count
 *   FAULTS_KINDS   which calls count, separated by commas: read, write, sync, name, size, open, remove,
 *                  map, mode, lock, look, and stage for lines of progress on standard error
 *   FAULTS_AT      the n-th of them, from 1; 0 or nothing: only count
 *   FAULTS_ACTION  what happens then: kill (SIGKILL instead of the call), tear (half of a write, then
 *                  SIGKILL), eio (the call fails once), full (from now on whatever needs room fails with
 *                  ENOSPC), short (half of a read or write), interrupted (EINTR, once), readonly (from now
 *                  on nothing can be changed, EROFS), denied (nothing can be opened, EACCES)
 *   FAULTS_LOG     file that gets a line for each call that counted: number, kind, function, path
 *   FAULTS_CLOCK   seconds that are added to the time of day
 *   FAULTS_CLOCK_FROM  from which reading of the time on they are; the first if not given
 *   FAULTS_SCREEN  standard error says that it is a terminal, so that every stage writes a line
 *
 * Functions of the C library are replaced, also under their 64-bit names; what the library calls in
 * itself (fopen, fts) is not seen. Our own calls go to the system directly.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum kind {
  kind_read, kind_write, kind_sync, kind_name, kind_size, kind_open, kind_remove, kind_map, kind_mode,
  kind_lock, kind_look, kind_stage, kind_count
};
static const char *const kind_names[] = {
  "read", "write", "sync", "name", "size", "open", "remove", "map", "mode", "lock", "look", "stage"};

enum action { action_none, action_kill, action_tear, action_eio, action_full, action_short,
              action_interrupted, action_readonly, action_denied };
static const char *const action_names[] = {
  "none", "kill", "tear", "eio", "full", "short", "interrupted", "readonly", "denied"};

static char folder[4096];
static size_t folder_length;
static unsigned kinds;
static long at;
static enum action action;
static int log_file = -1;
static int has_screen;
static atomic_long counted;
/* What holds from the chosen call on. */
static atomic_int standing;
static long clock_shift;
static long clock_from;
static atomic_long clock_readings;

__attribute__((constructor)) static void set_up(void) {
  const char *under = getenv("FAULTS_UNDER");
  if (!under || !*under) return;
  folder_length = strlen(under);
  if (folder_length >= sizeof folder) abort();
  memcpy(folder, under, folder_length + 1);
  const char *list = getenv("FAULTS_KINDS");
  for (int kind = 0; list && kind < kind_count; kind++) {
    size_t length = strlen(kind_names[kind]);
    for (const char *place = list; place; place = strchr(place, ',')) {
      if (*place == ',') place++;
      if (!strncmp(place, kind_names[kind], length) && (!place[length] || place[length] == ','))
        kinds |= 1u << kind;
    }
  }
  const char *number = getenv("FAULTS_AT");
  at = number ? atol(number) : 0;
  const char *what = getenv("FAULTS_ACTION");
  for (int index = 0; what && index <= action_denied; index++)
    if (!strcmp(what, action_names[index])) action = (enum action)index;
  const char *shift = getenv("FAULTS_CLOCK");
  clock_shift = shift ? atol(shift) : 0;
  const char *from = getenv("FAULTS_CLOCK_FROM");
  clock_from = from ? atol(from) : 0;
  has_screen = getenv("FAULTS_SCREEN") != NULL;
  const char *log = getenv("FAULTS_LOG");
  if (log && *log) log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  unsetenv("LD_PRELOAD");
}

static int is_below(const char *path) {
  return folder_length && path && !strncmp(path, folder, folder_length)
         && (path[folder_length] == '/' || !path[folder_length]);
}

/* Path of an open file; empty if it is none of ours. */
static const char *path_of(int file, char *buffer, size_t size) {
  buffer[0] = 0;
  if (!folder_length || file < 0) return buffer;
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  long length = syscall(SYS_readlink, link, buffer, size - 1);
  buffer[length > 0 ? length : 0] = 0;
  if (!is_below(buffer)) buffer[0] = 0;
  return buffer;
}

static void die(void) {
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) syscall(SYS_pause);
}

/* Whether what holds forbids a call. */
static int is_forbidden(enum kind kind, int state) {
  if (state == action_denied) return kind == kind_open;
  int changes = kind == kind_write || kind == kind_size || kind == kind_name || kind == kind_mode;
  return changes || (state == action_readonly && kind == kind_remove);
}

/* Counts a call; says what has to happen with it. Kills by itself. */
static enum action met(enum kind kind, const char *function, const char *path) {
  int state = atomic_load(&standing);
  if (state && is_forbidden(kind, state) && is_below(path)) return (enum action)state;
  if (!(kinds & 1u << kind) || (kind != kind_stage && !is_below(path))) return action_none;
  long number = atomic_fetch_add(&counted, 1) + 1;
  int is_it = at && number == at;
  if (log_file >= 0 && (is_it || !at)) {
    char line[4352];
    int length = snprintf(line, sizeof line, "%ld\t%s\t%s\t%s\n", number, kind_names[kind], function, path);
    if (length > (int)sizeof line - 1) length = sizeof line - 1;
    for (int index = 0; index < length - 1; index++)
      if (line[index] == '\n' || line[index] == '\r') line[index] = ' ';
    syscall(SYS_write, log_file, line, length);
  }
  if (!is_it) return action_none;
  if (action == action_kill || (action == action_tear && kind != kind_write)) die();
  if (action == action_full || action == action_readonly || action == action_denied) {
    atomic_store(&standing, action);
    return is_forbidden(kind, action) ? action : action_none;
  }
  return action;
}

/* The number of an error that the call has to end with; 0 if it may go on. */
static int refusal(enum kind kind, const char *function, const char *path) {
  switch (met(kind, function, path)) {
    case action_eio: return EIO;
    case action_full: return ENOSPC;
    case action_interrupted: return EINTR;
    case action_readonly: return EROFS;
    case action_denied: return EACCES;
    default: return 0;
  }
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define OF_FILE(file) char buffer[4096]; const char *path = path_of(file, buffer, sizeof buffer)
#define REFUSE(kind, path, failure) \
  do { int number = refusal(kind, __func__, path); if (number) { errno = number; return failure; } } while (0)

/* How much of a transfer is done; -1 where it fails. */
static ssize_t share(enum kind kind, const char *function, const char *path, size_t count, int *tears) {
  *tears = 0;
  if (!*path) return (ssize_t)count;
  switch (met(kind, function, path)) {
    case action_eio: errno = EIO; return -1;
    case action_full: errno = ENOSPC; return -1;
    case action_interrupted: errno = EINTR; return -1;
    case action_readonly: errno = EROFS; return -1;
    case action_tear: *tears = 1; return (ssize_t)(count / 2);
    case action_short: return (ssize_t)(count > 1 ? count / 2 : count);
    default: return (ssize_t)count;
  }
}

#define TRANSFER(kind, call) \
  OF_FILE(file); \
  int tears; \
  ssize_t part = share(kind, __func__, path, count, &tears); \
  if (part < 0) return -1; \
  ssize_t result = call; \
  if (tears) die(); \
  return result

ssize_t read(int file, void *bytes, size_t count) {
  REAL(read);
  TRANSFER(kind_read, real(file, bytes, part));
}
ssize_t pread(int file, void *bytes, size_t count, off_t place) {
  REAL(pread);
  TRANSFER(kind_read, real(file, bytes, part, place));
}
ssize_t pread64(int file, void *bytes, size_t count, off64_t place) {
  REAL(pread64);
  TRANSFER(kind_read, real(file, bytes, part, place));
}
ssize_t write(int file, const void *bytes, size_t count) {
  REAL(write);
  if (file == STDERR_FILENO) {
    char line[256];
    size_t length = count < sizeof line - 1 ? count : sizeof line - 1;
    memcpy(line, bytes, length);
    line[length] = 0;
    met(kind_stage, __func__, line);
    return real(file, bytes, count);
  }
  TRANSFER(kind_write, real(file, bytes, part));
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
  REAL(pwrite);
  TRANSFER(kind_write, real(file, bytes, part, place));
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t place) {
  REAL(pwrite64);
  TRANSFER(kind_write, real(file, bytes, part, place));
}
ssize_t sendfile(int file, int from, off_t *place, size_t count) {
  REAL(sendfile);
  TRANSFER(kind_write, real(file, from, place, part));
}

int fsync(int file) {
  REAL(fsync);
  OF_FILE(file);
  REFUSE(kind_sync, path, -1);
  return real(file);
}
int fdatasync(int file) {
  REAL(fdatasync);
  OF_FILE(file);
  REFUSE(kind_sync, path, -1);
  return real(file);
}

int rename(const char *old, const char *new) {
  REAL(rename);
  REFUSE(kind_name, new, -1);
  return real(old, new);
}
int renameat(int old_folder, const char *old, int new_folder, const char *new) {
  REAL(renameat);
  REFUSE(kind_name, new, -1);
  return real(old_folder, old, new_folder, new);
}
int link(const char *old, const char *new) {
  REAL(link);
  REFUSE(kind_name, new, -1);
  return real(old, new);
}

int ftruncate(int file, off_t size) {
  REAL(ftruncate);
  OF_FILE(file);
  REFUSE(kind_size, path, -1);
  return real(file, size);
}
int ftruncate64(int file, off64_t size) {
  REAL(ftruncate64);
  OF_FILE(file);
  REFUSE(kind_size, path, -1);
  return real(file, size);
}
int posix_fallocate(int file, off_t place, off_t size) {
  REAL(posix_fallocate);
  OF_FILE(file);
  int number = refusal(kind_size, __func__, path);
  return number ? number : real(file, place, size);
}

#define MODE mode_t mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }
/* A file that is opened to be changed, where nothing can be. */
static int is_refused(const char *path, int flags) {
  return atomic_load(&standing) == action_readonly && flags & (O_WRONLY | O_RDWR | O_CREAT) && is_below(path);
}
#define REFUSE_OPEN \
  MODE \
  REFUSE(kind_open, path, -1); \
  if (is_refused(path, flags)) { errno = EROFS; return -1; }
int open(const char *path, int flags, ...) {
  REAL(open);
  REFUSE_OPEN
  return real(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  REAL(open64);
  REFUSE_OPEN
  return real(path, flags, mode);
}
int openat(int at_folder, const char *path, int flags, ...) {
  REAL(openat);
  REFUSE_OPEN
  return real(at_folder, path, flags, mode);
}
int mkstemp(char *path) {
  REAL(mkstemp);
  REFUSE(kind_open, path, -1);
  return real(path);
}
DIR *opendir(const char *path) {
  REAL(opendir);
  REFUSE(kind_open, path, NULL);
  return real(path);
}
struct dirent *readdir(DIR *stream) {
  REAL(readdir);
  OF_FILE(dirfd(stream));
  if (action != action_interrupted) REFUSE(kind_read, path, NULL);
  return real(stream);
}

int unlink(const char *path) {
  REAL(unlink);
  REFUSE(kind_remove, path, -1);
  return real(path);
}
int rmdir(const char *path) {
  REAL(rmdir);
  REFUSE(kind_remove, path, -1);
  return real(path);
}

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t place) {
  REAL(mmap);
  if (file >= 0 && !(flags & MAP_ANONYMOUS)) {
    OF_FILE(file);
    REFUSE(kind_map, path, MAP_FAILED);
  }
  return real(address, size, protection, flags, file, place);
}
void *mmap64(void *address, size_t size, int protection, int flags, int file, off64_t place) {
  REAL(mmap64);
  if (file >= 0 && !(flags & MAP_ANONYMOUS)) {
    OF_FILE(file);
    REFUSE(kind_map, path, MAP_FAILED);
  }
  return real(address, size, protection, flags, file, place);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  REFUSE(kind_mode, path, -1);
  return real(path, mode);
}
int chmod(const char *path, mode_t mode) {
  REAL(chmod);
  REFUSE(kind_mode, path, -1);
  return real(path, mode);
}
int fchmod(int file, mode_t mode) {
  REAL(fchmod);
  OF_FILE(file);
  REFUSE(kind_mode, path, -1);
  return real(file, mode);
}

int flock(int file, int operation) {
  REAL(flock);
  OF_FILE(file);
  REFUSE(kind_lock, path, -1);
  return real(file, operation);
}
#define IS_LOCK(command) \
  (command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW)
#define ARGUMENT void *argument; { va_list list; va_start(list, command); argument = va_arg(list, void *); va_end(list); }
int fcntl(int file, int command, ...) {
  REAL(fcntl);
  ARGUMENT
  if (IS_LOCK(command)) {
    OF_FILE(file);
    REFUSE(kind_lock, path, -1);
  }
  return real(file, command, argument);
}
int fcntl64(int file, int command, ...) {
  REAL(fcntl64);
  ARGUMENT
  if (IS_LOCK(command)) {
    OF_FILE(file);
    REFUSE(kind_lock, path, -1);
  }
  return real(file, command, argument);
}

int access(const char *path, int mode) {
  REAL(access);
  REFUSE(kind_look, path, -1);
  return real(path, mode);
}
int stat(const char *path, struct stat *status) {
  REAL(stat);
  REFUSE(kind_look, path, -1);
  return real(path, status);
}
int stat64(const char *path, struct stat64 *status) {
  REAL(stat64);
  REFUSE(kind_look, path, -1);
  return real(path, status);
}
int lstat(const char *path, struct stat *status) {
  REAL(lstat);
  REFUSE(kind_look, path, -1);
  return real(path, status);
}
int lstat64(const char *path, struct stat64 *status) {
  REAL(lstat64);
  REFUSE(kind_look, path, -1);
  return real(path, status);
}
int fstat(int file, struct stat *status) {
  REAL(fstat);
  OF_FILE(file);
  REFUSE(kind_look, path, -1);
  return real(file, status);
}
int fstat64(int file, struct stat64 *status) {
  REAL(fstat64);
  OF_FILE(file);
  REFUSE(kind_look, path, -1);
  return real(file, status);
}

/* Seconds to be added to this reading of the time. */
static time_t shift_now(void) {
  return clock_shift && atomic_fetch_add(&clock_readings, 1) + 1 >= clock_from ? clock_shift : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  REAL(clock_gettime);
  int result = real(clock, now);
  if (clock == CLOCK_REALTIME) now->tv_sec += shift_now();
  return result;
}
time_t time(time_t *now) {
  struct timespec moment;
  clock_gettime(CLOCK_REALTIME, &moment);
  if (now) *now = moment.tv_sec;
  return moment.tv_sec;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  REAL(gettimeofday);
  int result = real(now, zone);
  now->tv_sec += shift_now();
  return result;
}

int isatty(int file) {
  REAL(isatty);
  return has_screen && file == STDERR_FILENO ? 1 : real(file);
}
