using Haq.Engine.Data;
using Haq.Engine.Files;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>
/// Runs until the inputs held still: what was made while one of them changed is thrown away and made again. The same for a cache that was emptied under a run.
/// </summary>
internal static class SteadyInputs
{
    private const int Attempts = 3;
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(150), s_patience = TimeSpan.FromSeconds(5);

    /// <param name="manifest">Paths are recorded relative to its folder.</param>
    /// <param name="cacheRoot">The cache's folder.</param>
    /// <param name="run">One attempt, with a ledger of its own.</param>
    /// <param name="progress">Told when it begins again.</param>
    /// <param name="cancellation">Ends the wait between attempts.</param>
    public static T Run<T>(string manifest, string cacheRoot, Func<InputLedger, T> run, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            var inputs = Ledger(manifest, cacheRoot, progress, cancellation);
            try
            {
                T result = run(inputs);
                inputs.RequireUnchanged();
                return result;
            }
            catch (Exception e) when (e is not OperationCanceledException && attempt < Attempts && (inputs.Changed() is not null || IsGone(e, cacheRoot)))
            {
                Forget(e, cacheRoot);
                string what = inputs.Changed() is { } path ? $"{Path.GetFileName(path)} changed while it was read" : "the cache was emptied meanwhile";
                progress?.Report(new PipelineProgress("read", $"{what}; starting over"));
                Settle(inputs, cancellation);
            }
        }
    }

    /// <summary>A ledger of what a manifest names, that knows digests again and says how far it is.</summary>
    /// <inheritdoc cref="Run{T}"/>
    public static InputLedger Ledger(string manifest, string cacheRoot, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        var watch = new ListingProgress((message, share) => progress?.Report(new PipelineProgress("read", message, share)), cancellation);
        return new InputLedger(Path.GetDirectoryName(Path.GetFullPath(manifest))!, new DigestMemory(cacheRoot), watch);
    }

    private static bool IsGone(Exception e, string cacheRoot) => EntryOf(e, cacheRoot) is not null;

    // An entry whose files vanished before it was sealed looks whole; it is made anew.
    private static void Forget(Exception e, string cacheRoot)
    {
        try
        {
            if (EntryOf(e, cacheRoot) is { } entry && entry != cacheRoot && Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
        }
        catch (Exception again) when (again is IOException or UnauthorizedAccessException)
        {
            // The next attempt meets it again and says so.
            return;
        }
    }

    // The folder ROOT/STAGE/KEY that an error about a missing file speaks of.
    private static string? EntryOf(Exception e, string cacheRoot)
    {
        if (e is not (FileNotFoundException or DirectoryNotFoundException)) return null;
        string text = (e as FileNotFoundException)?.FileName ?? e.Message;
        int start = text.IndexOf(cacheRoot + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (start < 0) return null;
        string[] parts = text[(start + cacheRoot.Length + 1)..].Split(Path.DirectorySeparatorChar, '\'', '"');
        return parts.Length < 2 ? cacheRoot : Path.Combine(cacheRoot, parts[0], parts[1]);
    }

    // A file that is being copied grows: beginning again before it is whole would be in vain.
    private static void Settle(InputLedger inputs, CancellationToken cancellation)
    {
        var end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        var before = Look();
        do
        {
            cancellation.WaitHandle.WaitOne(s_quiet);
            cancellation.ThrowIfCancellationRequested();
            var now = Look();
            if (now.SequenceEqual(before)) return;
            before = now;
        }
        while (Environment.TickCount64 < end);

        FileStamp[] Look() => [.. inputs.Files.Select(FileStamp.Of)];
    }
}
