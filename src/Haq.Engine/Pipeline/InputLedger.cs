using Haq.Engine.Data;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline;

/// <summary>Everything that a run reads, with its digest and its role: what stage keys, the lock file and incremental builds go by.</summary>
public sealed class InputLedger
{
    private readonly string _folder;
    private readonly SortedDictionary<string, LockedInput> _inputs = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _files = new(StringComparer.Ordinal);

    /// <summary>A ledger whose paths are relative to <paramref name="folder"/>, the manifest's.</summary>
    public InputLedger(string folder) => _folder = folder;

    /// <summary>By role.</summary>
    public IReadOnlyDictionary<string, LockedInput> Inputs => _inputs;

    /// <summary>Absolute paths of every file and folder read.</summary>
    public IReadOnlyCollection<string> Files => _files;

    /// <summary>Some data set is not here, in whole or in part.</summary>
    public bool IsDataMissing { get; private set; }

    /// <summary>Takes data that is not here to be what the lock file says, so that results made from it are found in the cache.</summary>
    public void Assume(LockFile locked)
    {
        ArgumentNullException.ThrowIfNull(locked);
        foreach (string role in _inputs.Where(i => i.Value.Sha256 is null).Select(i => i.Key).ToArray())
            if (locked.Inputs.TryGetValue(role, out var known)) _inputs[role] = known;
    }

    /// <summary>Records something whose digest is known.</summary>
    public void Add(string role, string path, string sha256, bool isFile)
    {
        _inputs[role] = new LockedInput(isFile ? Relative(path) : path, sha256);
        if (isFile) _files.Add(Path.GetFullPath(path));
    }

    /// <summary>Records the files of a data set; those that are missing have no digest.</summary>
    public void Add(string role, DatasetOptions dataset)
    {
        int number = 0;
        foreach (var path in dataset.Files.Select(f => f.File.FullPath).Concat(dataset.Labels?.Path is { } labels ? [labels.FullPath] : []))
            AddData($"{role}.{number++}", path);
    }

    private void AddData(string role, string path)
    {
        bool present = File.Exists(path) || Directory.Exists(path);
        IsDataMissing |= !present;
        _inputs[role] = new LockedInput(Relative(path), present ? Digest(path) : null);
        if (present) _files.Add(path);
    }

    private static string Digest(string path)
    {
        if (File.Exists(path)) return FileDigest.Compute(path);
        using var key = new StageKeyBuilder("folder", 1);
        foreach (string file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            key.Add(Path.GetRelativePath(path, file).Replace('\\', '/'), FileDigest.Compute(file));
        return key.Build().Digest;
    }

    private string Relative(string path) => Path.GetRelativePath(_folder, path).Replace('\\', '/');
}
