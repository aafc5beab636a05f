using System.Diagnostics;
using System.Globalization;

namespace Haq.Engine.Data;

/// <summary>Watches over the listing of a large data set: says how far it is, a few times a second, and ends it when that is asked for.</summary>
/// <param name="report">Takes a message and, where it is known, the share that is done.</param>
/// <param name="cancellation">Ends the listing.</param>
public sealed class ListingProgress(Action<string, double?> report, CancellationToken cancellation)
{
    private const int Every = 1 << 12;
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(250);

    private readonly Stopwatch _since = Stopwatch.StartNew();

    /// <summary>So many files were listed. To be called for each; most calls only count.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void File(int count)
    {
        if (count % Every == 0) Say(() => string.Create(CultureInfo.InvariantCulture, $"listing samples: {count}"), null);
    }

    /// <summary>So many of the shards were looked at.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Shard(int done, int of) => Say(() => string.Create(CultureInfo.InvariantCulture, $"listing shards: {done} of {of}"), (double)done / of);

    /// <summary>So many bytes of a file were read to know it again.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Digest(string name, long done, long of) => Say(() => $"reading {name}", of == 0 ? 1 : (double)done / of);

    private void Say(Func<string> message, double? share)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_since.Elapsed < s_least) return;
        _since.Restart();
        report(message(), share);
    }
}
