package dev.limpet.node.cluster;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/** The disk of a data directory. Not thread-safe. */
/*
 * Two reserves. 64 MB must be free, or the disk counts as full: room for what the logs set aside ahead of their entries
 * and for the store's next files, so that a node can still give its shards away in good order. And a file of 8 MB is
 * there for the case that something else fills the disk up in a moment: it is deleted before this node gives away what
 * it leads, which makes Ratis write its term and vote. When Ratis 3.3.0 cannot write these few bytes, it puts an empty
 * file in their place, and that replica can never be started again (RaftStorageMetadataFileImpl: closing the writer
 * renames whatever was written). Not earlier: what fills the disk would take that as well.
 */
public final class DataDisk implements Disk {
  private static final System.Logger LOG = System.getLogger(DataDisk.class.getName());
  private static final long FREE_BYTES_MIN = 64L << 20;
  private static final int KEPT_BYTES = 8 << 20;
  private static final int PROBE_BYTES = 64 << 10;

  private final Path directory;
  private final Path probe;
  private final Path kept;

  public DataDisk(Path directory) {
    this.directory = directory;
    this.probe = directory.resolve("disk.probe");
    this.kept = directory.resolve("disk.reserve");
  }

  @Override
  public void write() throws IOException {
    long free = directory.toFile().getUsableSpace();
    // There are file systems that do not tell.
    if (directory.toFile().getTotalSpace() > 0 && free < FREE_BYTES_MIN) {
      throw new IOException(
          "only "
              + (free >> 20)
              + " MB are free, and "
              + (FREE_BYTES_MIN >> 20)
              + " MB are needed");
    }
    if (!Files.exists(kept)) {
      write(kept, KEPT_BYTES);
    }
    try {
      write(probe, PROBE_BYTES);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private static void write(Path file, int bytes) throws IOException {
    // Some file systems keep zeros without a block for them.
    byte[] noise = new byte[PROBE_BYTES];
    new SplittableRandom(bytes).nextBytes(noise);
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (int written = 0; written < bytes; written += noise.length) {
        ByteBuffer some = ByteBuffer.wrap(noise);
        while (some.hasRemaining()) {
          out.write(some);
        }
      }
      out.force(true);
    }
  }

  @Override
  public boolean makeRoom() {
    try {
      Files.deleteIfExists(kept);
      write(probe, KEPT_BYTES / 2);
      Files.deleteIfExists(probe);
      return true;
    } catch (IOException e) {
      LOG.log(
          Level.WARNING, "there is no room for the last steps of this node: {0}", e.getMessage());
      return false;
    }
  }
}
