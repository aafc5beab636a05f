using System.IO.Compression;
using Haq.Engine.Data;
using static Haq.Engine.Tests.Data.DataFixture;

namespace Haq.Engine.Tests.Data;

/// <summary>What is held in memory is counted for the whole process: these tests run beside nothing else.</summary>
[Collection(AloneCollection.Name)]
public sealed class LargeContentTests(DataFixture files) : IClassFixture<DataFixture>
{
    [Fact]
    public void Compressed_content_that_is_too_large_for_memory_goes_to_a_temporary_file()
    {
        const int Sample = 1 << 20, Count = 70;
        using var content = new MemoryStream();
        using (var gzip = new GZipStream(content, CompressionLevel.Fastest))
        {
            byte[] zeros = new byte[Sample];
            for (int i = 0; i < Count; i++)
            {
                zeros[7] = (byte)i;
                gzip.Write(zeros);
            }
        }
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        var options = Options(files.Write("large.bin.gz", content.ToArray())) with { Format = DatasetFormat.Raw, ElementType = ElementKind.Uint8, Shape = [Sample] };
        using (var dataset = Dataset.Open(options, [new("x", DataType.Uint8, [-1, Sample])], []))
        {
            using var batch = new Batch(dataset, 2);
            batch.Fill(dataset, [69, 3]);
            Assert.Equal((69, 3), (batch.Inputs[0].Bytes[7], batch.Inputs[0].Bytes[Sample + 7]));
            Assert.True(GC.GetTotalMemory(forceFullCollection: true) - memory < 32 << 20);
        }
    }
}

/// <summary>Tests that run one after the other and beside nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
