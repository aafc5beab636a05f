using System.Collections.Concurrent;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;

namespace Haq.Engine.Pipeline.Parcels;

/// <summary>
/// Parts of subjects on a worker's disk, under their digests: what has another content than its name says is never among them. Within a limit what was not used for longest goes.
/// For several callers, and for several processes on one folder.
/// </summary>
public sealed class PartStore
{
    private const string IncomingEnd = ".incoming";

    // What a killed process was given; others may still be filling theirs.
    private static readonly TimeSpan s_abandoned = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly long _limit;
    private readonly ConcurrentDictionary<string, object> _locks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _sound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);
    private readonly Lock _room = new();

    /// <summary>A store in <paramref name="folder"/>, which is made.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="limit">How many bytes it may hold.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public PartStore(string folder, long limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        (_folder, _limit) = (Path.GetFullPath(folder), limit);
        Directory.CreateDirectory(_folder);
        var longAgo = TimeProvider.System.GetUtcNow().UtcDateTime - s_abandoned;
        foreach (var left in new DirectoryInfo(_folder).EnumerateFiles("*" + IncomingEnd).Where(f => f.LastWriteTimeUtc < longAgo)) TryDelete(left.FullName);
    }

    /// <summary>Bytes that it holds.</summary>
    public long Bytes => Files().Sum(f => f.Length);

    /// <summary>Where a part lies, whether or not it is there.</summary>
    public string PathOf(SubjectPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return Path.Combine(_folder, Checked(part).Digest);
    }

    /// <summary>The part is there, and has the content that its digest says; it was looked at in this process.</summary>
    public bool Has(SubjectPart part)
    {
        string path = PathOf(part);
        lock (LockOf(part))
        {
            if (!File.Exists(path)) return false;
            if (!_sound.ContainsKey(part.Digest) && !IsSound(path, part)) return false;
            _sound[part.Digest] = true;
            Touch(path);
            return true;
        }
    }

    /// <summary>Keeps parts from being removed until <see cref="Release"/>.</summary>
    public void Hold(IEnumerable<SubjectPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        lock (_room)
            foreach (var part in parts) _uses[part.Digest] = _uses.GetValueOrDefault(part.Digest) + 1;
    }

    /// <summary>Ends a <see cref="Hold"/>.</summary>
    public void Release(IEnumerable<SubjectPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        lock (_room)
        {
            foreach (var part in parts)
                if (--_uses[part.Digest] <= 0) _uses.Remove(part.Digest);
        }
    }

    /// <summary>Takes the next bytes of a part. Bytes that came before, in whatever order and how often, change nothing.</summary>
    /// <returns>The offset that is wanted next; the part's length where it is complete.</returns>
    /// <exception cref="InvalidDataException">All bytes came, and have another digest: they are thrown away.</exception>
    /// <exception cref="HaqException">There is no room for it (HAQ0972).</exception>
    public long Append(SubjectPart part, long offset, ReadOnlySpan<byte> bytes)
    {
        string path = PathOf(part), incoming = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}{IncomingEnd}");
        lock (LockOf(part))
        {
            if (Has(part)) return part.Bytes;
            try
            {
                using (var file = new FileStream(incoming, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
                {
                    if (file.Length == 0) MakeRoom(part.Bytes);
                    if (offset != file.Length) return file.Length;
                    if (bytes.Length > part.Bytes - offset) throw new InvalidDataException($"part {part.Digest} has more bytes than the {part.Bytes} that its description says");
                    file.Position = offset;
                    file.Write(bytes);
                    if (file.Length < part.Bytes) return file.Length;
                }
                if (ContentDigest.Of(incoming) != part.Digest) throw new InvalidDataException($"what came as part {part.Digest} has another SHA-256");
                File.Move(incoming, path, overwrite: true);
                _sound[part.Digest] = true;
                return part.Bytes;
            }
            catch (InvalidDataException)
            {
                TryDelete(incoming);
                throw;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                TryDelete(incoming);
                throw NoRoom(part.Bytes, e.Message, e);
            }
        }
    }

    /// <summary>Removes what was not used for longest until so many bytes more fit.</summary>
    /// <exception cref="HaqException">They cannot fit (HAQ0972).</exception>
    public void MakeRoom(long bytes)
    {
        lock (_room)
        {
            var files = Files().OrderBy(f => f.LastWriteTimeUtc).ToList();
            long held = files.Sum(f => f.Length);
            foreach (var file in files)
            {
                if (held + bytes <= _limit) break;
                if (_uses.ContainsKey(file.Name)) continue;
                _sound.TryRemove(file.Name, out _);
                TryDelete(file.FullName);
                if (!File.Exists(file.FullName)) held -= file.Length;
            }
            if (held + bytes > _limit) throw NoRoom(bytes, $"it may hold {_limit} bytes, and {held} are in use. Start the worker with a larger --cache-limit", null);
            long free = new DriveInfo(_folder).AvailableFreeSpace;
            if (bytes > free) throw NoRoom(bytes, $"{free} bytes are free on its disk. Make room there", null);
        }
    }

    private HaqException NoRoom(long bytes, string why, Exception? cause) =>
        DiagnosticCatalog.WorkerFull.Error(_folder, $"there is no room for {bytes} bytes of a subject: {why.TrimEnd('.')}.", cause);

    private static SubjectPart Checked(SubjectPart part) => part.IsValid ? part : throw new InvalidDataException($"'{part.Digest}' of {part.Bytes} bytes is no part");

    private static bool IsSound(string path, SubjectPart part)
    {
        if (new FileInfo(path).Length == part.Bytes && ContentDigest.Of(path) == part.Digest) return true;
        TryDelete(path);
        return false;
    }

    private object LockOf(SubjectPart part) => _locks.GetOrAdd(part.Digest, _ => new object());

    private IEnumerable<FileInfo> Files() => new DirectoryInfo(_folder).EnumerateFiles().Where(f => SubjectPart.IsDigest(f.Name));

    private static void Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // another process removed it, or owns it: its turn to go comes earlier
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // another process has it open, and removes it in its turn
        }
    }
}
