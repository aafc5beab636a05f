using System.Collections.Immutable;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Shards;

/// <summary>Files of arrays, one after the other, of which a few are open at a time.</summary>
internal sealed class ShardedSource : ISampleSource
{
    // What is inflated of each may take 64 MB.
    private const int MostOpen = 4;

    private readonly ImmutableArray<Shard> _shards;
    private readonly FewOpen<ISampleSource> _open;
    private readonly ShardStarts _starts;

    private ShardedSource(ImmutableArray<Shard> shards, FewOpen<ISampleSource> open, ShardStarts starts, ImmutableArray<SourceArray> arrays, int[]? labels) =>
        (_shards, _open, _starts, Arrays, Labels) = (shards, open, starts, arrays, labels);

    public int Count => _starts.Count;

    public ImmutableArray<SourceArray> Arrays { get; }

    public int[]? Labels { get; }

    public bool IsSlow => false;

    /// <summary>Opens what <paramref name="list"/> names.</summary>
    /// <param name="list">For errors.</param>
    /// <param name="shards">Its lines.</param>
    /// <param name="open">Opens one of them.</param>
    /// <param name="holdLabels">The shards may hold labels, so that each has to be looked at.</param>
    /// <param name="labels">Labels from elsewhere, given their number.</param>
    /// <param name="watch">Told of the shards that were looked at.</param>
    public static ShardedSource Open(
        FileReference list, ImmutableArray<Shard> shards, Func<Shard, ISampleSource> open, bool holdLabels, Func<int, int[]?> labels, ListingProgress? watch)
    {
        ImmutableArray<SourceArray> arrays = [];
        var sources = new FewOpen<ISampleSource>(i =>
        {
            var source = open(shards[i]);
            try
            {
                shards[i].Checked(source.Count);
                if (!arrays.IsEmpty) RequireSame(shards[i], source.Arrays, shards[0], arrays);
                return source;
            }
            catch
            {
                source.Dispose();
                throw;
            }
        }, MostOpen);
        try
        {
            using (var first = sources.Take(0)) arrays = first.Value.Arrays;
            int[] counts = new int[shards.Length];
            var stored = new List<int[]>();
            for (int i = 0; i < shards.Length; i++)
            {
                watch?.Shard(i, shards.Length);
                if (!holdLabels && shards[i].Count is { } said)
                {
                    counts[i] = said;
                    continue;
                }
                using var source = sources.Take(i);
                counts[i] = source.Value.Count;
                if (source.Value.Labels is { } own) stored.Add(own);
                if (stored.Count is var n && n > 0 && n != i + 1) throw SomeLabels(shards, source.Value.Labels is null ? i : 0);
            }
            var starts = Starts(list, counts);
            return new ShardedSource(shards, sources, starts, arrays, labels(starts.Count) ?? (stored.Count == 0 ? null : [.. stored.SelectMany(l => l)]));
        }
        catch
        {
            sources.Dispose();
            throw;
        }
    }

    /// <summary>Where each shard begins.</summary>
    public static ShardStarts Starts(FileReference list, IReadOnlyList<int> counts)
    {
        try
        {
            return new ShardStarts(counts);
        }
        catch (OverflowException e)
        {
            throw DiagnosticCatalog.ShardList.Error(list.At, $"'{list.Text}' lists more than {int.MaxValue} samples: take fewer shards.", e);
        }
    }

    /// <summary>Some shards have labels, and one has none.</summary>
    public static HaqException SomeLabels(ImmutableArray<Shard> shards, int without) => DataErrors.Labels(shards[without].File,
        "this shard holds no labels, and others of the list do: give all of them labels, or name a file of labels for the whole list under 'labels:'");

    public void Read(int array, int sample, Span<byte> destination)
    {
        var (shard, own) = _starts.Find(sample);
        using var source = _open.Take(shard);
        source.Value.Read(array, own, destination);
    }

    public void Dispose() => _open.Dispose();

    private static void RequireSame(Shard shard, ImmutableArray<SourceArray> arrays, Shard first, ImmutableArray<SourceArray> expected)
    {
        string Text(ImmutableArray<SourceArray> of) => string.Join(", ", of.Select(a => $"{(a.Name.Length > 0 ? $"'{a.Name}' " : "")}{ElementKinds.NameOf(a.Kind)} {DataErrors.Text(a.Shape)}"));
        string found = Text(arrays), wanted = Text(expected);
        if (found == wanted) return;
        throw DiagnosticCatalog.ShardDiffers.Error(shard.File.At, $"'{shard.File.Text}' holds samples of {found}, but '{first.File.Text}' of {wanted}: all shards of a list are alike.");
    }
}
