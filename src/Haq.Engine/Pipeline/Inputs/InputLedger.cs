using Haq.Engine.Data;
using Haq.Engine.Data.Shards;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Yaml;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>
/// Everything that a run reads, with its digest and its role: what stage keys, the lock file and incremental builds go by. Each is looked at before it is read, and again
/// before anything that was made from it is kept.
/// </summary>
public sealed class InputLedger
{
    private readonly string _folder;
    private readonly DigestMemory? _memory;
    private readonly ListingProgress? _watch;
    private readonly SortedDictionary<string, LockedInput> _inputs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FileRecord> _watched = new(StringComparer.Ordinal);

    /// <summary>A ledger whose paths are relative to <paramref name="folder"/>, the manifest's.</summary>
    public InputLedger(string folder) : this(folder, null, null) { }

    /// <summary>The same.</summary>
    /// <param name="folder">The manifest's.</param>
    /// <param name="memory">Digests that were taken before; null for none.</param>
    /// <param name="watch">Told how far the reading of large files and folders is.</param>
    internal InputLedger(string folder, DigestMemory? memory, ListingProgress? watch) => (_folder, _memory, _watch) = (folder, memory, watch);

    /// <summary>By role.</summary>
    public IReadOnlyDictionary<string, LockedInput> Inputs => _inputs;

    /// <summary>Absolute paths of every file and folder read or looked for.</summary>
    public IReadOnlyCollection<string> Files => _watched.Keys;

    /// <summary>Those files and folders as they were when they were read.</summary>
    internal IReadOnlyDictionary<string, FileRecord> Records => _watched;

    /// <summary>What the manifest says, by path of its keys.</summary>
    public SortedDictionary<string, string> Manifest { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Some data set is not here, in whole or in part.</summary>
    public bool IsDataMissing { get; private set; }

    /// <summary>Takes data that is not here to be what the lock file says, so that results made from it are found in the cache.</summary>
    public void Assume(LockFile locked)
    {
        ArgumentNullException.ThrowIfNull(locked);
        foreach (string role in _inputs.Where(i => i.Value.Sha256 is null).Select(i => i.Key).ToArray())
            if (locked.Inputs.TryGetValue(role, out var known)) _inputs[role] = known;
    }

    /// <summary>Looks at a file or folder that is about to be read; whether it is there is part of it.</summary>
    public void Watch(string path)
    {
        string full = Path.GetFullPath(path);
        if (!_watched.ContainsKey(full)) _watched[full] = FileRecord.Take(full, Now);
    }

    /// <summary>The SHA-256 of a file's or folder's content, taken once.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public string DigestOf(string path)
    {
        string full = Path.GetFullPath(path);
        Watch(full);
        var record = _watched[full];
        if (record.Digest.Length == 0) _watched[full] = record = new FileRecord(record.Stamp, record.IsFresh, Known(full, record));
        return record.Digest;
    }

    private string Known(string full, FileRecord record)
    {
        if (_memory?.Find(full, record) is { } known) return known;
        string digest = ContentDigest.Of(full, (done, of) => _watch?.Digest(Path.GetFileName(full), done, of));
        _memory?.Keep(full, record, digest);
        return digest;
    }

    /// <summary>Records something whose digest is known.</summary>
    public void Add(string role, string path, string sha256, bool isFile)
    {
        _inputs[role] = new LockedInput(isFile ? Relative(path) : path, sha256);
        if (isFile) Watch(path);
    }

    /// <summary>Records the manifest, by what it says and not by how it is written.</summary>
    public void AddManifest(string path)
    {
        (string digest, Manifest) = ManifestContent.Of(path);
        Add("manifest", path, digest, isFile: true);
    }

    /// <summary>Records the files of a data set; those that are missing have no digest.</summary>
    public void Add(string role, DatasetOptions dataset)
    {
        int number = 0;
        foreach (var path in dataset.Files.Select(f => f.File.FullPath).Concat(dataset.Labels?.Path is { } labels ? [labels.FullPath] : []))
            AddData($"{role}.{number++}", path, dataset.IsShardList && number == 1);
    }

    /// <summary>Takes note that this run itself wrote a file that it had read.</summary>
    internal void Wrote(string path)
    {
        string full = Path.GetFullPath(path);
        _watched[full] = FileRecord.Take(full, Now, digest: true);
    }

    /// <summary>Takes a file to have changed, whatever it looks like.</summary>
    internal void Discredit(string path) => _watched[Path.GetFullPath(path)] = new FileRecord(new FileStamp(-2, 0), isFresh: false, "");

    /// <summary>An input that is no longer what it was when it was read; null while all are.</summary>
    internal string? Changed()
    {
        foreach (string path in _watched.Keys.ToArray())
        {
            if (_watched[path].IfUntouched(path, Now) is not { } now) return path;
            _watched[path] = now;
        }
        return null;
    }

    /// <summary>Holds what was made from the inputs against the inputs as they are now.</summary>
    /// <exception cref="HaqException">One of them changed (HAQ0806).</exception>
    internal void RequireUnchanged()
    {
        if (Changed() is { } path)
        {
            throw DiagnosticCatalog.InputChanged.Error(path,
                "changed while it was read, again and again, so that no result would be of one state of it. Wait until whatever writes it is done, and build again.");
        }
    }

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private void AddData(string role, string path, bool isList)
    {
        Watch(path);
        bool present = File.Exists(path) || Directory.Exists(path);
        string? digest = !present ? null : isList ? DigestOfShards(path) : DigestOf(path);
        IsDataMissing |= digest is null;
        _inputs[role] = new LockedInput(Relative(path), digest);
    }

    // Of what the list names, and not of how it is written; null where a shard is not here.
    private string? DigestOfShards(string path)
    {
        var shards = ShardList.Read(new FileReference(Relative(path), path, new SourceLocation(path)));
        foreach (var shard in shards) Watch(shard.File.FullPath);
        if (shards.Any(s => !File.Exists(s.File.FullPath) && !Directory.Exists(s.File.FullPath))) return null;
        return ShardDigest.Of(shards, DigestOf);
    }

    private string Relative(string path) => Path.GetRelativePath(_folder, path).Replace('\\', '/');
}
