using System.IO.Compression;
using System.Security.Cryptography;
using Haq.Engine.Data;
using Haq.Engine.Data.Shards;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using static Haq.Engine.Tests.Data.DataFixture;

namespace Haq.Engine.Tests.Data;

public sealed class ShardTests(DataFixture files) : IClassFixture<DataFixture>
{
    [Fact]
    public void A_line_has_a_path_a_count_and_a_hash_in_any_spacing()
    {
        string hash = new('A', 64);
        var shards = ShardList.Read(Reference(List("forms.txt", "# head", "", "  a.zip\t12  sha256:" + hash + " # why", "\"with blanks.zip\" " + hash, "/abs/c.npz 7", "d#e.zip")));
        Assert.Equal(["a.zip", "with blanks.zip", "/abs/c.npz", "d#e.zip"], shards.Select(s => s.File.Text));
        Assert.Equal([12, null, 7, null], shards.Select(s => s.Count));
        Assert.Equal([hash.ToLowerInvariant(), hash.ToLowerInvariant(), null, null], shards.Select(s => s.Sha256));
        Assert.Equal([(3, 3), (4, 1), (5, 1), (6, 1)], shards.Select(s => (s.File.At.Line, s.File.At.Column)));
        Assert.Equal(Path.Combine(files.Folder, "a.zip"), shards[0].File.FullPath);
    }

    [Theory]
    [InlineData(1, 7, "'many'", "a.zip many")]
    [InlineData(1, 7, "'0'", "a.zip 0")]
    [InlineData(1, 9, "'4'", "a.zip 3 4")]
    [InlineData(1, 7, "'abcd'", "a.zip abcd")]
    [InlineData(2, 1, "again, as in line 1", "a.zip", "./a.zip")]
    [InlineData(1, 1, "never closed", "\"a.zip")]
    [InlineData(1, 1, "an empty path", "\"\" 3")]
    [InlineData(1, 1, "lists no shard", "# nothing", "")]
    [InlineData(2, 1, "is no text", "a.zip", "b\0")]
    public void A_wrong_line_is_refused_where_it_stands(int line, int column, string says, params string[] lines)
    {
        string list = List("wrong.txt", lines);
        var refused = Refused(() => ShardList.Read(Reference(list)));
        Assert.Equal(("HAQ0111", new SourceLocation(list, line, column)), (refused.Descriptor.Code, refused.Location));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_is_no_text_or_not_there_is_refused()
    {
        Assert.Contains("no UTF-8", Refused(() => ShardList.Read(Reference(files.Write("bytes.txt", [(byte)'a', 0x80, 0xC0])))).Message, StringComparison.Ordinal);
        Assert.Equal("HAQ0101", Refused(() => ShardList.Read(Reference(Path.Combine(files.Folder, "none.txt")))).Descriptor.Code);
    }

    [Fact]
    public void Arrays_in_shards_are_the_arrays_one_after_the_other_with_their_labels()
    {
        int[] counts = [3, 1, 4, 2, 5, 1];
        int next = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            float[] values = [.. Enumerable.Range(next, counts[i]).SelectMany(s => new[] { s, s + 0.5f })];
            long[] labels = [.. Enumerable.Range(next, counts[i]).Select(s => (long)s % 4)];
            files.Write($"arrays/{i}.npz", Zip(CompressionLevel.Fastest, ("x.npy", Npy("<f4", $"{counts[i]}, 2", Bytes(values))), ("labels.npy", Npy("<i8", $"{counts[i]},", Bytes(labels)))));
            next += counts[i];
        }
        // Counts are held against the list where it says them, and found where not.
        string list = List("arrays/list.txt", [.. counts.Select((c, i) => i % 2 == 0 ? $"{i}.npz {c}" : $"{i}.npz")]);
        using var data = Dataset.Open(Shards(list), [Input("x", -1, 2)], []);
        Assert.Equal((16, true), (data.Count, data.HasLabels));
        foreach (int sample in new SeededRandom(3).Permutation(16))
        {
            Assert.Equal([sample, sample + 0.5f], Row(data, sample));
            Assert.Equal(sample % 4, data.LabelOf(sample));
        }
        var subset = Assert.IsType<DatasetSubset>(DatasetSplit.Choose(data, 5, new SeededRandom(1).Fork("samples")));
        using var again = Dataset.Open(Shards(list), [Input("x", -1, 2)], []);
        Assert.Equal(subset.Samples.ToArray(), ((DatasetSubset)DatasetSplit.Choose(again, 5, new SeededRandom(1).Fork("samples"))).Samples.ToArray());
    }

    [Fact]
    public void Shards_whose_list_says_their_counts_are_opened_when_a_sample_of_them_is_asked_for()
    {
        files.Write("lazy/0.npy", Npy("<f4", "2, 2", Bytes(0f, 0f, 1f, 1f)));
        files.Write("lazy/1.npy", Npy("<f4", "1, 2", Bytes(2f, 2f)));
        files.Write("lazy/2.npy", Npy("<f4", "1, 3", Bytes(3f, 3f, 3f)));
        string list = List("lazy/list.txt", "0.npy 2", "1.npy 4", "2.npy 1");
        using var data = Dataset.Open(Shards(list), [Input("x", -1, 2)], []);
        Assert.Equal([1f, 1f], Row(data, 1));
        var few = Refused(() => Row(data, 2));
        Assert.Equal(("HAQ0112", new SourceLocation(list, 2, 7)), (few.Descriptor.Code, few.Location));
        Assert.Contains("says 4 samples in '1.npy', but it holds 1", few.Message, StringComparison.Ordinal);
        var other = Refused(() => Row(data, 6));
        Assert.Equal(("HAQ0112", new SourceLocation(list, 3, 1)), (other.Descriptor.Code, other.Location));
        Assert.Contains("float32 [3], but '0.npy' of float32 [2]", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_that_is_missing_of_another_format_or_without_labels_is_named_with_its_line()
    {
        files.Write("odd/a.npz", Zip(CompressionLevel.Fastest, ("x.npy", Npy("<f4", "1, 2", new byte[8])), ("y.npy", Npy("<i8", "1,", new byte[8]))));
        files.Write("odd/b.npz", Zip(CompressionLevel.Fastest, ("x.npy", Npy("<f4", "1, 2", new byte[8]))));
        files.Write("odd/c.npy", Npy("<f4", "1, 2", new byte[8]));
        (string Code, int Line) Open(params string[] lines)
        {
            string list = List("odd/list.txt", lines);
            var refused = Refused(() => Dataset.Open(Shards(list), [Input("x", -1, 2)], []).Dispose());
            return (refused.Descriptor.Code, refused.Location!.Value.File == list ? refused.Location.Value.Line : 0);
        }

        Assert.Equal(("HAQ0101", 2), Open("a.npz", "gone.npz"));
        Assert.Equal(("HAQ0107", 3), Open("a.npz", "# comment", "c.npy"));
        Assert.Equal(("HAQ0104", 2), Open("a.npz", "b.npz"));
        Assert.Equal(("HAQ0104", 1), Open("b.npz", "a.npz"));
    }

    [Fact]
    public void Labels_beside_the_list_are_of_all_shards()
    {
        files.Write("beside/0.npy", Npy("<f4", "2, 2", new byte[16]));
        files.Write("beside/1.npy", Npy("<f4", "1, 2", new byte[8]));
        files.Write("beside/labels.npy", Npy("<i8", "3,", Bytes(5L, 6L, 7L)));
        var options = Shards(List("beside/list.txt", "0.npy", "1.npy")) with { Labels = new LabelOptions(Reference(Path.Combine(files.Folder, "beside/labels.npy"))) };
        using var data = Dataset.Open(options, [Input("x", -1, 2)], []);
        Assert.Equal([5, 6, 7], Enumerable.Range(0, 3).Select(data.LabelOf));
    }

    [Fact]
    public void A_digest_is_of_what_the_shards_hold_and_their_hashes_are_held_against_the_list()
    {
        byte[] content = Npy("<f4", "1, 2", new byte[8]);
        string path = files.Write("hash/a.npy", content), hash = Convert.ToHexString(SHA256.HashData(content));
        string Of(params string[] lines) => ShardDigest.Of(ShardList.Read(Reference(List("hash/list.txt", lines))), p => Engine.Files.ContentDigest.Of(p));
        string digest = Of("a.npy");
        Assert.Equal(digest, Of("# said", "\"a.npy\" 1 sha256:" + hash));
        var wrong = Refused(() => Of("a.npy 1 " + new string('0', 64)));
        Assert.Equal(("HAQ0112", 1, 9), (wrong.Descriptor.Code, wrong.Location!.Value.Line, wrong.Location.Value.Column));
        Assert.Contains(hash.ToLowerInvariant(), wrong.Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, Npy("<f4", "1, 2", [1, .. new byte[7]]));
        Assert.NotEqual(digest, Of("a.npy"));
    }

    private static DatasetOptions Shards(string list) => Options(list) with { IsShardList = true };

    private string List(string name, params string[] lines) => files.Write(name, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
}
