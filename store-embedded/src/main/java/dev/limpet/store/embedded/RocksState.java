package dev.limpet.store.embedded;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.engine.PinTable;
import dev.limpet.engine.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Checkpoint;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One open RocksDB that holds the rows of {@link Rows}. Reads from any thread, writes from one; nobody may use it while
 * or after it closes, which {@link RocksStateMachine} sees to.
 *
 * <p>There is no write-ahead log: the replicated log is one. All rows are in one column family, so that what a crash
 * leaves is a prefix of the batches, with the position that belongs to it.
 */
final class RocksState implements AutoCloseable {
  private static final long WRITE_BUFFER_BYTES = 16L << 20;
  private static final long BLOCK_CACHE_BYTES = 32L << 20;

  static {
    RocksDB.loadLibrary();
  }

  private final LRUCache cache;
  private final BloomFilter bloom;
  private final Options options;
  private final WriteOptions writeOptions;
  private final RocksDB db;

  private RocksState(Path directory, boolean create, long writeBufferBytes) throws IOException {
    cache = new LRUCache(BLOCK_CACHE_BYTES);
    bloom = new BloomFilter(10);
    BlockBasedTableConfig table = new BlockBasedTableConfig();
    table.setBlockCache(cache).setFilterPolicy(bloom).setCacheIndexAndFilterBlocks(true);
    table.setPinL0FilterAndIndexBlocksInCache(true);
    options = new Options();
    options.setCreateIfMissing(create);
    options.setParanoidChecks(true);
    options.setTableFormatConfig(table);
    options.setCompressionType(CompressionType.LZ4_COMPRESSION);
    options.setWriteBufferSize(writeBufferBytes);
    options.setMaxWriteBufferNumber(2);
    // One thread writes.
    options.setAllowConcurrentMemtableWrite(false);
    options.setMaxBackgroundJobs(2);
    options.setMaxOpenFiles(512);
    options.setInfoLogLevel(InfoLogLevel.WARN_LEVEL);
    options.setKeepLogFileNum(2);
    options.setMaxLogFileSize(1L << 20);
    options.setStatsDumpPeriodSec(0);
    options.setStatsPersistPeriodSec(0);
    writeOptions = new WriteOptions();
    writeOptions.setDisableWAL(true);
    try {
      db = RocksDB.open(options, directory.toString());
    } catch (RocksDBException e) {
      closeOptions();
      throw failed("open " + directory, e);
    }
  }

  /**
   * Opens the state in a directory.
   *
   * @param create whether it is to be made; a state that should be there and is not must never pass for an empty one
   */
  static RocksState open(Path directory, boolean create) throws IOException {
    return open(directory, create, WRITE_BUFFER_BYTES);
  }

  /** As above, with a small write buffer for tests that want many files. */
  static RocksState open(Path directory, boolean create, long writeBufferBytes) throws IOException {
    return new RocksState(directory, create, writeBufferBytes);
  }

  Position position() throws IOException {
    try {
      byte[] row = db.get(Rows.POSITION);
      return row == null ? Position.NONE : Rows.decodePosition(row);
    } catch (RocksDBException e) {
      throw failed("read the position", e);
    }
  }

  Map<Integer, Fence> fences() throws IOException {
    Map<Integer, Fence> fences = new HashMap<>();
    byte[] prefix = Rows.fences();
    try (Slice end = new Slice(Rows.after(prefix));
        ReadOptions read = new ReadOptions().setIterateUpperBound(end);
        RocksIterator rows = db.newIterator(read)) {
      for (rows.seek(prefix); rows.isValid(); rows.next()) {
        fences.put(Rows.shardOfFence(rows.key()), Rows.decodeFence(rows.value()));
      }
      rows.status(); // an iterator that met a broken block just ends; only this tells
    } catch (RocksDBException e) {
      throw failed("read the fences", e);
    }
    return fences;
  }

  List<PinTable.Row> pins() throws IOException {
    List<PinTable.Row> pins = new ArrayList<>();
    byte[] prefix = Rows.pins();
    try (Slice end = new Slice(Rows.after(prefix));
        ReadOptions read = new ReadOptions().setIterateUpperBound(end);
        RocksIterator rows = db.newIterator(read)) {
      for (rows.seek(prefix); rows.isValid(); rows.next()) {
        pins.add(Rows.decodePin(rows.key(), rows.value()));
      }
      rows.status();
    } catch (RocksDBException e) {
      throw failed("read the fences of pins", e);
    }
    return pins;
  }

  Map<String, byte[]> load(int shard, ProcessId id) throws IOException {
    byte[] prefix = Rows.process(shard, id);
    Map<String, byte[]> columns = new LinkedHashMap<>();
    try (Slice end = new Slice(Rows.after(prefix));
        ReadOptions read = new ReadOptions().setIterateUpperBound(end);
        RocksIterator rows = db.newIterator(read)) {
      for (rows.seek(prefix); rows.isValid(); rows.next()) {
        columns.put(Rows.column(rows.key(), prefix.length), rows.value());
      }
      rows.status();
    } catch (RocksDBException e) {
      throw failed("load " + id, e);
    }
    return columns;
  }

  List<ProcessId> scan(int shard, String type, int limit) throws IOException {
    byte[] prefix = Rows.type(shard, type);
    List<ProcessId> ids = new ArrayList<>();
    try (Slice end = new Slice(Rows.after(prefix));
        ReadOptions read = new ReadOptions().setIterateUpperBound(end);
        RocksIterator rows = db.newIterator(read)) {
      rows.seek(prefix);
      while (rows.isValid() && ids.size() < limit) {
        ProcessId id = Rows.processOf(rows.key());
        ids.add(id);
        rows.seek(Rows.after(Rows.process(shard, id)));
      }
      rows.status();
    } catch (RocksDBException e) {
      throw failed("scan " + type, e);
    }
    return ids;
  }

  /** All rows, for tests that compare whole states. */
  Map<List<Byte>, List<Byte>> everything() throws IOException {
    Map<List<Byte>, List<Byte>> all = new LinkedHashMap<>();
    try (RocksIterator rows = db.newIterator()) {
      for (rows.seekToFirst(); rows.isValid(); rows.next()) {
        all.put(boxed(rows.key()), boxed(rows.value()));
      }
      rows.status();
    } catch (RocksDBException e) {
      throw failed("read everything", e);
    }
    return all;
  }

  void write(WriteBatch batch) throws RocksDBException {
    db.write(writeOptions, batch);
  }

  /** Returns when everything written so far is on disk. */
  void flush() throws IOException {
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    } catch (RocksDBException e) {
      throw failed("flush", e);
    }
  }

  /** Writes a copy that shares its immutable files; the directory must not exist. */
  void checkpoint(Path absent) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.create(db)) {
      checkpoint.createCheckpoint(absent.toString());
    } catch (RocksDBException e) {
      throw failed("write a checkpoint", e);
    }
  }

  /** Reads every block of every file and compares its checksum. */
  void verify() throws IOException {
    try {
      db.verifyChecksum();
    } catch (RocksDBException e) {
      throw failed("verify the files", e);
    }
  }

  @Override
  public void close() {
    db.close();
    closeOptions();
  }

  private void closeOptions() {
    writeOptions.close();
    options.close();
    bloom.close();
    cache.close();
  }

  private static IOException failed(String what, RocksDBException e) {
    String message = "RocksDB could not " + what + ": " + e.getMessage();
    Status.Code code = e.getStatus() == null ? Status.Code.Undefined : e.getStatus().getCode();
    // Invalid is how it says that the state to be opened is not there at all.
    boolean damaged = code == Status.Code.Corruption || code == Status.Code.InvalidArgument;
    return damaged ? new DamagedState(message, e) : new IOException(message, e);
  }

  private static List<Byte> boxed(byte[] bytes) {
    List<Byte> boxed = new ArrayList<>(bytes.length);
    for (byte b : bytes) {
      boxed.add(b);
    }
    return boxed;
  }
}
