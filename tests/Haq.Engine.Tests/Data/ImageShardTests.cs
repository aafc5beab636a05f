using System.IO.Compression;
using Haq.Engine.Data;
using Haq.Engine.Data.Images;
using Haq.Engine.Data.Shards;
using Haq.Engine.Yaml;
using static Haq.Engine.Tests.Data.DataFixture;

namespace Haq.Engine.Tests.Data;

public sealed class ImageShardTests(DataFixture files) : IClassFixture<DataFixture>
{
    [Fact]
    public void Folders_of_all_shards_are_classes_together()
    {
        Pack("classes/0.zip", ("dog/1.png", 1), ("ant/1.png", 2));
        Pack("classes/1.zip", ("cat/1.png", 3), ("dog/2.png", 4));
        files.Write("classes/loose/bee/1.png", TinyPng.Of(5));
        string list = List("classes/list.txt", "0.zip", "1.zip 2", "loose");
        using var data = Dataset.Open(Shards(list), [Input("x", -1, 1, 2, 2)], []);
        Assert.Equal([0, 3, 2, 3, 1], Enumerable.Range(0, data.Count).Select(data.LabelOf));
        Assert.Equal([2f, 1f, 3f, 4f, 5f], Enumerable.Range(0, data.Count).Select(i => Row(data, i)[0]));
    }

    [Fact]
    public void Labels_come_from_each_shards_own_table_or_from_one_for_the_list()
    {
        Pack("tables/0.zip", ("1.png", 1), ("2.png", 2));
        Pack("tables/1.zip", ("1.png", 3));
        string list = List("tables/list.txt", "0.zip", "1.zip");
        var labels = new LabelOptions(Reference(files.Write("tables/all.csv", "file,class\n0.zip/1.png,4\n2.png,5\n1.zip/1.png,6\n"u8.ToArray())));
        using (var data = Dataset.Open(Shards(list) with { Labels = labels }, [Input("x", -1, 1, 2, 2)], [])) Assert.Equal([4, 5, 6], Enumerable.Range(0, 3).Select(data.LabelOf));
        Add("tables/0.zip", "labels.csv", "1.png,7\n2.png,8\n"u8.ToArray());
        var some = Refused(() => Dataset.Open(Shards(list), [Input("x", -1, 1, 2, 2)], []).Dispose());
        Assert.Equal(("HAQ0104", 2), (some.Descriptor.Code, some.Location!.Value.Line));
        Add("tables/1.zip", "labels.csv", "1.png,9\n"u8.ToArray());
        using (var data = Dataset.Open(Shards(list), [Input("x", -1, 1, 2, 2)], [])) Assert.Equal([7, 8, 9], Enumerable.Range(0, 3).Select(data.LabelOf));
    }

    [Fact]
    public void Few_shards_are_open_whatever_their_number_and_every_thread_reads_its_own_sample()
    {
        const int shards = 40, each = 5;
        for (int s = 0; s < shards; s++) Pack($"many/{s:00}.zip", [.. Enumerable.Range(0, each).Select(i => ($"{i}.png", s * each + i))]);
        var list = ShardList.Read(Reference(List("many/list.txt", [.. Enumerable.Range(0, shards).Select(s => $"{s:00}.zip {each}")])));
        int open = 0, most = 0;
        using (var images = new ImageShards(list[0].File, list, file => new Counted(ImageSource.Files(file, null), change => InterlockedMax(ref most, Interlocked.Add(ref open, change))), null))
        {
            Assert.Equal((shards * each, 0), (images.Count, most));
            Parallel.For(0, 400, i =>
            {
                int image = i * 67 % images.Count;
                Assert.Equal(TinyPng.Of(image), images.Read(image));
            });
        }
        // Eight, and one more for each thread that found none to close.
        Assert.InRange(most, 1, 8 + 2 * Environment.ProcessorCount + 8);
        Assert.Equal(0, open);
    }

    [Fact]
    public void A_broken_image_is_named_with_its_shard()
    {
        Pack("broken/0.zip", ("a.png", 1));
        files.Write("broken/1.zip", Zip(CompressionLevel.Fastest, ("b.png", [1, 2, 3])));
        using var data = Dataset.Open(Shards(List("broken/list.txt", "0.zip", "1.zip")), [Input("x", -1, 1, 2, 2)], []);
        Assert.Contains("image '1.zip/b.png'", Refused(() => Row(data, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Listing_ends_when_it_is_cancelled()
    {
        Pack("stop/0.zip", ("a.png", 1));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var watch = new ListingProgress((_, _) => { }, stop.Token);
        Assert.Throws<OperationCanceledException>(() => Dataset.Open(Shards(List("stop/list.txt", "0.zip")), [Input("x", -1, 1, 2, 2)], [], watch));
    }

    private static DatasetOptions Shards(string list) => Options(list) with { IsShardList = true };

    private string List(string name, params string[] lines) => files.Write(name, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));

    private void Pack(string name, params (string Name, int Grey)[] images) => files.Write(name, Zip(CompressionLevel.NoCompression, [.. images.Select(i => (i.Name, TinyPng.Of(i.Grey)))]));

    private void Add(string zip, string name, byte[] content)
    {
        using var archive = ZipFile.Open(Path.Combine(files.Folder, zip), ZipArchiveMode.Update);
        using var entry = archive.CreateEntry(name).Open();
        entry.Write(content);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int now = Volatile.Read(ref most); value > now; now = Volatile.Read(ref most))
            if (Interlocked.CompareExchange(ref most, value, now) == now) return;
    }

    // Says when it is opened and closed.
    private sealed class Counted : IImageFiles
    {
        private readonly IImageFiles _files;
        private readonly Action<int> _change;

        public Counted(IImageFiles files, Action<int> change)
        {
            (_files, _change) = (files, change);
            change(1);
        }

        public int Count => _files.Count;

        public string NameOf(int image) => _files.NameOf(image);

        public byte[] Read(int image) => _files.Read(image);

        public string Stamp(int image) => _files.Stamp(image);

        public TextReader? Text(string path) => _files.Text(path);

        public IEnumerable<(IImageFiles Files, FileReference Name, int First)> Parts(FileReference set) => _files.Parts(set);

        public void Dispose()
        {
            _change(-1);
            _files.Dispose();
        }
    }
}
