using System.Text;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>An entry that waits to be sent.</summary>
/// <param name="Key">A stage and its key.</param>
/// <param name="Replaces">What the server has under this key is to be replaced.</param>
/// <param name="File">Its file in the queue.</param>
/// <param name="SinceUtc">Since when it waits.</param>
internal sealed record QueuedUpload(string Key, bool Replaces, string File, DateTime SinceUtc);

/// <summary>
/// What waits to be sent to one server: a small file for each entry, in a folder of the local cache. The entries themselves stay where they are. It never fails: what cannot be queued is not
/// sent, and anybody can make it again.
/// </summary>
internal sealed class UploadQueue
{
    private const string ReplaceMark = "replace";
    private readonly string _mark;

    public UploadQueue(string root, RemoteSettings settings) => (Folder, _mark) = (Path.Combine(root, "uploads"), settings.Mark);

    /// <summary>Where it is; it may not exist yet.</summary>
    public string Folder { get; }

    private string Note => Path.Combine(Folder, $"{_mark}.failed");

    public void Add(string key, bool replaces) => Try(() =>
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, $"{_mark}.{key.Replace('/', '.')}.queued"), replaces ? ReplaceMark : "");
    });

    /// <summary>Longest waiting first.</summary>
    public IReadOnlyList<QueuedUpload> Items()
    {
        var items = new List<QueuedUpload>();
        Try(() =>
        {
            if (!Directory.Exists(Folder)) return;
            foreach (var file in new DirectoryInfo(Folder).EnumerateFiles($"{_mark}.*.queued"))
                if (file.Name.Split('.') is [_, var stage, { Length: 64 } digest, _]) items.Add(new($"{stage}/{digest}", file.Length > 0, file.FullName, file.LastWriteTimeUtc));
        });
        return [.. items.OrderBy(i => i.SinceUtc).ThenBy(i => i.Key, StringComparer.Ordinal)];
    }

    public static void Remove(QueuedUpload item) => Try(() => File.Delete(item.File));

    /// <summary>Held by whoever sends; null where somebody does already.</summary>
    public FileStream? TryHold()
    {
        FileStream? held = null;
        Try(() =>
        {
            Directory.CreateDirectory(Folder);
            held = new FileStream(Path.Combine(Folder, $"{_mark}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        });
        return held;
    }

    /// <summary>Leaves word for the next build.</summary>
    public void LeaveNote(string text) => Try(() => File.WriteAllText(Note, text, new UTF8Encoding(false)));

    /// <summary>What was left, once.</summary>
    public string? TakeNote()
    {
        string? text = ReadNote();
        if (text is not null) DropNote();
        return text;
    }

    public string? ReadNote()
    {
        string? text = null;
        Try(() => text = File.Exists(Note) ? File.ReadAllText(Note) : null);
        return text;
    }

    public void DropNote() => Try(() => File.Delete(Note));

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that cannot be written sends nothing; the build has what it made all the same.
            return;
        }
    }
}
