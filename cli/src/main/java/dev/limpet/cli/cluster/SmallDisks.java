package dev.limpet.cli.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/*
 * A file system of its own for each node, in a file beside its data or, where there are no loop devices, in memory, is
 * filled up by a file. Where nothing may be mounted, the system is asked to let that process write no file any more: its
 * writes fail in the same places, with another word, and so do those to its log. A file system in a file can be frozen,
 * as it is for a snapshot: whoever writes or syncs waits, for as long as that lasts, and cannot be killed meanwhile. And
 * its journal can be aborted, as the kernel does when a disk reports an error: every write and every sync is refused from
 * then on, and what had not been synced is gone when it is mounted again.
 */
/** Small disks for the data of nodes, to be filled up or to hang; gone when closed, and when this JVM ends. Needs root. */
public final class SmallDisks implements AutoCloseable {
  private static final int MEGABYTES = 128;
  private static final int BALLAST_BYTES = 1 << 20;

  private final List<Path> mounted = new ArrayList<>();
  private @Nullable Path shared;
  private boolean inFiles;
  private final Thread atExit = new Thread(this::unmountAll, "unmount-disks");

  private SmallDisks() {
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Gives these nodes, which do not run yet, a disk each. */
  public static SmallDisks under(List<NodeChild> nodes) throws IOException {
    SmallDisks disks = new SmallDisks();
    disks.inFiles = true;
    disks.share(Objects.requireNonNull(nodes.getFirst().data().toAbsolutePath().getParent()));
    for (NodeChild node : nodes) {
      Path data = Files.createDirectories(node.data());
      disks.inFiles = disks.inFiles && mountFile(data);
      if (!disks.inFiles && !mountMemory(data)) {
        disks.close();
        System.err.println("nothing can be mounted here; instead nodes may write no more");
        break;
      }
      disks.mounted.add(data);
    }
    return disks;
  }

  /*
   * A node in a network namespace has mounts of its own, copies of ours from when it started. A disk that is unmounted here
   * has to go from there too: as long as one copy is left, mounting it again brings back the broken file system.
   */
  private void share(Path folder) throws IOException {
    if (quietly("mount", "--bind", folder.toString(), folder.toString())) {
      shared = folder;
      boolean unused = run("mount", "--make-shared", folder.toString());
    }
  }

  private static boolean mountFile(Path data) throws IOException {
    Path file = file(data);
    return run("truncate", "--size=" + MEGABYTES + "M", file.toString())
        && run("mkfs.ext4", "-q", "-F", "-m", "0", file.toString())
        && mount(file, data);
  }

  private static Path file(Path data) {
    return data.resolveSibling(data.getFileName() + ".disk");
  }

  private static boolean mount(Path file, Path data) throws IOException {
    boolean mounted = run("mount", "-o", "loop", file.toString(), data.toString());
    if (mounted) {
      // A node's directory holds what the node wrote, and nothing else.
      Files.deleteIfExists(data.resolve("lost+found"));
    }
    return mounted;
  }

  private static boolean mountMemory(Path data) throws IOException {
    return run("mount", "-t", "tmpfs", "-o", "size=" + MEGABYTES + "m", "tmpfs", data.toString());
  }

  /** Whether nodes have disks of their own; else only their processes' writes fail. */
  public boolean areReal() {
    return !mounted.isEmpty();
  }

  /** From now on a node's disk takes nothing more. */
  public void fill(NodeChild node) throws IOException {
    if (!areReal()) {
      if (!run("prlimit", "--pid", Long.toString(node.pid()), "--fsize=0")) {
        throw new IOException("there is no prlimit here");
      }
      return;
    }
    byte[] some = new byte[BALLAST_BYTES];
    try (OutputStream out = Files.newOutputStream(ballast(node))) {
      for (int i = 0; i < MEGABYTES; i++) {
        out.write(some);
      }
      throw new IOException("the disk of " + node.id() + " is not full");
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("space")) {
        throw e;
      }
    }
  }

  /** It takes writes again; a node that wrote no more must be started anew. */
  public void makeRoom(NodeChild node) throws IOException {
    Files.deleteIfExists(ballast(node));
  }

  /** Whether a disk can be made to {@link #hang} and to {@link #fail}. */
  public boolean areInFiles() {
    return areReal() && inFiles;
  }

  /** From now on whatever a node writes or syncs waits until {@link #goOn}. */
  public void hang(NodeChild node) throws IOException {
    if (!run("fsfreeze", "--freeze", node.data().toString())) {
      throw new IOException("it cannot be made to stand still");
    }
  }

  public void goOn(NodeChild node) throws IOException {
    if (!run("fsfreeze", "--unfreeze", node.data().toString())) {
      throw new IOException("it stands still for ever");
    }
  }

  /** From now on no write and no sync of a node succeeds; what was not synced is lost. */
  public void fail(NodeChild node) throws IOException {
    if (!run("mount", "-o", "remount,abort", node.data().toString())) {
      throw new IOException("it cannot be made to fail");
    }
  }

  /** The disk is as it was at the last sync, and takes writes again; its node must not be running. */
  public void repair(NodeChild node) throws IOException {
    String data = node.data().toString();
    Path file = file(node.data());
    if (!run("umount", data)) {
      throw new IOException("it cannot be unmounted");
    }
    // The first check fails, since it had something to repair; the second finds the disk sound.
    boolean unused = quietly("e2fsck", "-p", file.toString());
    if (!run("e2fsck", "-p", file.toString()) || !mount(file, node.data())) {
      throw new IOException("it cannot be repaired");
    }
  }

  private static Path ballast(NodeChild node) {
    return node.data().resolve("ballast");
  }

  /** Mounts an empty file system that takes no writes; false where nothing may be mounted. */
  public static boolean mountReadOnly(Path directory) throws IOException {
    return run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", directory.toString());
  }

  public static void unmount(Path directory) throws IOException {
    // Lazily: a node may still have files open there.
    boolean unused = run("umount", "-l", directory.toString());
  }

  private static boolean run(String... command) throws IOException {
    return run(true, command);
  }

  private static boolean quietly(String... command) throws IOException {
    return run(false, command);
  }

  private static boolean run(boolean tells, String... command) throws IOException {
    Process running;
    try {
      running = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return false;
    }
    String said =
        new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      boolean done = running.waitFor(10, TimeUnit.SECONDS) && running.exitValue() == 0;
      if (!done && tells) {
        System.err.println(String.join(" ", command) + ": " + said);
      }
      return done;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    unmountAll();
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // This JVM is ending, and the hook does the same.
    }
  }

  private synchronized void unmountAll() {
    for (Path path : mounted) {
      try {
        if (inFiles) {
          // One that still hangs would do so for ever; of any other it is told that it does not.
          boolean unused = quietly("fsfreeze", "--unfreeze", path.toString());
        }
      } catch (IOException e) {
        System.err.println("perhaps it hangs: " + path + ", " + e.getMessage());
      }
      leave(path);
    }
    mounted.clear();
    if (shared != null) {
      leave(shared);
      shared = null;
    }
  }

  private static void leave(Path path) {
    try {
      unmount(path);
    } catch (IOException e) {
      System.err.println("left behind: " + path + ", " + e.getMessage());
    }
  }
}
