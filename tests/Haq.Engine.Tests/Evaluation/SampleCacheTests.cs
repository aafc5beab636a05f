using Haq.Engine.Evaluation;

namespace Haq.Engine.Tests.Evaluation;

public sealed class SampleCacheTests
{
    // 10 samples of two values in batches of 3: 24 bytes each, the last 8.
    [Theory]
    [InlineData(0, 0, 8)]
    [InlineData(24, 0, 7)]
    [InlineData(24, 24, 6)]
    [InlineData(0, 1000, 4)]
    [InlineData(1000, 0, 4)]
    public void Batches_are_the_same_from_memory_from_the_file_and_read_again(int memory, int file, int reads)
    {
        var data = new CountedDataset();
        using var cache = new SampleCache(data, 3, memory, file);
        for (int walk = 0; walk < 2; walk++)
        {
            int at = 0;
            foreach (var batch in cache.InOrder(CancellationToken.None))
            {
                using (batch)
                {
                    Assert.Equal(at, batch.First);
                    Assert.Equal([.. Enumerable.Range(at, batch.Count).SelectMany(s => new[] { s, -s })], batch.Inputs["x"].ToFloats());
                    for (int row = 0; row < batch.Count; row++) Assert.Equal(at + row, batch.LabelOf(row));
                    at += batch.Count;
                }
            }
            Assert.Equal(10, at);
        }
        Assert.Equal(reads, data.Reads);
    }

    [Fact]
    public void References_come_back_as_they_were_and_those_without_room_are_told()
    {
        using var store = new ReferenceStore(4, 16, 40);
        float[][][] values = [[[1, 2], [3]], [[4, 5, 6]], [[7], [8, 9]], [[10, 11, 12, 13, 14]]];
        for (int b = 0; b < 4; b++) store.Keep(b, values[b]);
        Assert.False(store.IsComplete);
        Assert.All(Enumerable.Range(0, 3), b => Assert.Equal(values[b], store[b]));
        Assert.Null(store[3]);
    }

    private sealed class CountedDataset : Engine.Data.IDataset
    {
        public int Reads { get; private set; }

        public string Name => "counted";

        public Engine.Diagnostics.SourceLocation? At => null;

        public int Count => 10;

        public System.Collections.Immutable.ImmutableArray<Engine.Runtime.TensorInfo> Inputs => [Data.DataFixture.Input("x", -1, 2)];

        public int? FixedBatch => null;

        public bool HasLabels => true;

        public int LabelOf(int sample) => sample;

        public void Read(ReadOnlySpan<int> samples, Engine.Data.Batch batch)
        {
            Reads++;
            for (int i = 0; i < samples.Length; i++) (batch.Inputs[0].Values<float>()[2 * i], batch.Inputs[0].Values<float>()[2 * i + 1]) = (samples[i], -samples[i]);
        }

        public void Dispose()
        {
        }
    }
}
