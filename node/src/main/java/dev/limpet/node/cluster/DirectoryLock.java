package dev.limpet.node.cluster;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The exclusive lock on a data directory, from the start of a node to its end. */
/*
 * Who has it knows that whoever had it before is gone, which ends a lease at once (rule 7). So it must never be lost while
 * the node lives. The operating system's locks belong to a process and a file, and go when the process closes *any*
 * descriptor of that file: a second node in this JVM that tried for the same directory, and gave up, would take the
 * first one's lock away without anybody's noticing. So the file is opened once, and only when no one in this JVM has it.
 *
 * The name says which lock it is: the file's number on its device, and the start of this machine's kernel, within which
 * both are unique. A copied directory has another file, another machine another kernel. It is empty where that is not
 * certain: on a file system that is not known to be this machine's own (a lock on a network's may be lost), or where the
 * kernel does not tell. One that is empty proves nothing.
 */
final class DirectoryLock implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DirectoryLock.class.getName());

  private static final Path KERNEL_START = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Set<String> LOCAL =
      Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay");

  /** The files that nodes of this JVM have locked, and channels that must stay open. Guarded by itself. */
  private static final Set<Object> HELD = new HashSet<>();

  private final FileChannel channel;
  private final Object key;
  private final String name;

  private DirectoryLock(FileChannel channel, Object key, String name) {
    this.channel = channel;
    this.key = key;
    this.name = name;
  }

  /** Takes it, in a directory that exists; null if another node has it. */
  static @Nullable DirectoryLock take(Path directory) throws IOException {
    Path file = directory.resolve("lock");
    synchronized (HELD) {
      try {
        Files.createFile(file);
      } catch (FileAlreadyExistsException e) {
        LOG.log(Level.TRACE, "{0} is there", file);
      }
      Object key = key(file);
      if (HELD.contains(key)) {
        return null;
      }
      FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
      try {
        @Nullable FileLock lock = channel.tryLock();
        // Somebody may have put another file in the place of the one that was looked at.
        if (lock == null || !key.equals(key(file))) {
          channel.close();
          return null;
        }
        HELD.add(key);
        return new DirectoryLock(channel, key, name(file, key));
      } catch (OverlappingFileLockException e) {
        // Of a node that another class loader of this JVM runs: closing this would take its lock
        // away.
        HELD.add(channel);
        return null;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
  }

  private static Object key(Path file) throws IOException {
    @Nullable Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    return key == null ? file.toRealPath() : key;
  }

  private static String name(Path file, Object key) {
    try {
      return name(Files.getFileStore(file).type(), Files.readString(KERNEL_START).strip(), key);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "the lock in {0} proves nothing to others: {1}", file, e);
      return "";
    }
  }

  /** The name of a lock on a file system of that type, on a machine whose kernel says that of its start. */
  static String name(String fileSystem, String kernelStart, Object key) {
    return LOCAL.contains(fileSystem) && !kernelStart.isEmpty() && !(key instanceof Path)
        ? kernelStart + key
        : "";
  }

  /** Tells it from every other lock, or empty if that cannot be told. */
  String name() {
    return name;
  }

  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      if (channel.isOpen()) {
        channel.close();
        HELD.remove(key);
      }
    }
  }
}
