namespace Haq.Engine.Data.Shards;

/// <summary>Which shard a sample is in.</summary>
internal sealed class ShardStarts
{
    private readonly int[] _starts;

    /// <exception cref="OverflowException">There are more than 2³¹ − 1 samples.</exception>
    public ShardStarts(IReadOnlyList<int> counts)
    {
        _starts = new int[counts.Count];
        for (int i = 0; i < counts.Count; i++)
        {
            _starts[i] = Count;
            Count = checked(Count + counts[i]);
        }
    }

    /// <summary>Samples of all shards.</summary>
    public int Count { get; }

    /// <summary>The number of a shard's first sample.</summary>
    public int this[int shard] => _starts[shard];

    /// <summary>The shard that holds a sample, and the sample's number in it.</summary>
    public (int Shard, int Sample) Find(int sample)
    {
        int at = Array.BinarySearch(_starts, sample);
        // Empty shards share their start with the next one: the last of them holds the sample.
        if (at < 0) at = ~at - 1;
        while (at + 1 < _starts.Length && _starts[at + 1] == _starts[at]) at++;
        return (at, sample - _starts[at]);
    }
}
