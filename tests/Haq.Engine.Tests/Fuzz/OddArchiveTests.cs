using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using Haq.Engine.Data;
using Haq.Engine.Data.Images;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Tests.Data;
using Onnx;

namespace Haq.Engine.Tests.Fuzz;

/// <summary>Archives and folders that were made to reach out of themselves, to fill memories, or to wait for ever.</summary>
public sealed class OddArchiveTests(DataFixture files) : IClassFixture<DataFixture>
{
    private static readonly string[] s_climbing = ["../../evil.png", "/etc/evil.png", "a/../../../evil.png", "C:\\evil.png"];

    [Fact]
    public void Names_that_climb_out_of_a_zip_of_images_are_names_and_nothing_is_written()
    {
        string zip = files.Write("climb/images.zip", DataFixture.Zip(CompressionLevel.Fastest, [.. s_climbing.Select(name => (name, new byte[] { 1, 2, 3 }))]));
        string[] before = Everything();
        using (var images = new ImageZip(zip))
        {
            Assert.Equal(s_climbing.Order(StringComparer.Ordinal), Enumerable.Range(0, images.Count).Select(images.NameOf));
            Assert.All(Enumerable.Range(0, images.Count), i => Assert.Equal([1, 2, 3], images.Read(i)));
        }
        Assert.Equal("HAQ0109", Refuse(() => DataFixture.Row(DataFixture.Open(zip, DataFixture.Input("x", -1, 3, 4, 4)), 0)).Descriptor.Code);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void Names_that_climb_out_of_an_npz_are_names_of_arrays()
    {
        byte[] array = DataFixture.Npy("<f4", "2, 4", new byte[32]);
        string npz = files.Write("climb/x.npz", DataFixture.Zip(CompressionLevel.Fastest, ("../../x.npy", array)));
        string[] before = Everything();
        using (var data = DataFixture.Open(npz, DataFixture.Input("x", -1, 4))) Assert.Equal(new float[4], DataFixture.Row(data, 1));
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void An_image_that_expands_without_measure_is_refused_and_the_others_are_read()
    {
        string zip = files.Write("bomb.zip", DataFixture.Zip(CompressionLevel.SmallestSize, ("a.png", new byte[40 << 20]), ("b.png", [1, 2, 3])));
        Assert.InRange(new FileInfo(zip).Length, 1, 1 << 20);
        using var images = new ImageZip(zip);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("expands to 41943040 bytes", Assert.Throws<InvalidDataException>(() => images.Read(0)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal([1, 2, 3], images.Read(1));
    }

    [Fact]
    public void A_size_that_a_zip_only_claims_takes_no_memory()
    {
        byte[] zip = DataFixture.Zip(CompressionLevel.NoCompression, ("a.png", [1, 2, 3]), ("labels.csv", [1, 2, 3]));
        // Behind the signature of the central directory: 24 bytes to the size that the content is said to have.
        for (int at = 0; at < zip.Length - 4; at++)
            if (zip.AsSpan(at).StartsWith("PK\x01\x02"u8)) BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(at + 24), 30 << 20);
        using var images = new ImageZip(files.Write("claims.zip", zip));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.ThrowsAny<IOException>(() => images.Read(0));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        string path = Path.Combine(files.Folder, "claims.zip");
        var refused = Refuse(() => DataFixture.Open(path, DataFixture.Input("x", -1, 3, 4, 4)));
        Assert.Equal(("HAQ0102", true), (refused.Descriptor.Code, refused.Message.Contains("cannot be read", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_pipe_among_data_is_refused_at_once()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("pipes are told by Linux's statx");
        files.Write("piped/a.png", [1, 2, 3]);
        string image = Pipe("piped/b.png"), labels = Pipe("piped/labels.csv"), list = Pipe("list.csv");
        using var folder = new ImageFolder(Path.GetDirectoryName(image)!);
        Assert.Throws<IOException>(() => folder.Read(1));
        var input = DataFixture.Input("x", -1, 3, 4, 4);
        Assert.Equal("HAQ0101", Refuse(() => DataFixture.Open(Path.GetDirectoryName(labels)!, input)).Descriptor.Code);
        File.Delete(labels);
        var options = DataFixture.Options(Path.GetDirectoryName(image)!) with { Labels = new LabelOptions(DataFixture.Reference(list)) };
        Assert.Equal("HAQ0101", Refuse(() => Dataset.Open(options, [input], [])).Descriptor.Code);
    }

    [Fact]
    public void External_data_behind_a_folder_that_leads_elsewhere_is_refused()
    {
        files.Write("elsewhere/data", new byte[64]);
        var weights = new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { 4, 4 } };
        ExternalData.Point(weights, "sub/data", 0, 64);
        string model = files.Write("linked/m.onnx", TinyModel.Of(13, ("x", [1, 4]), [weights], OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["y"], "n")).ToBytes());
        string sub = Path.Combine(Path.GetDirectoryName(model)!, "sub");
        Directory.CreateSymbolicLink(sub, Path.Combine(files.Folder, "elsewhere"));
        Assert.Equal("HAQ0304", Refuse(() => OnnxModel.Load(model)).Descriptor.Code);
        Directory.Delete(sub);
        files.Write("linked/real/data", new byte[64]);
        Directory.CreateSymbolicLink(sub, "real");
        Assert.Equal(64, OnnxModel.Load(model) is var loaded ? loaded.External.Read(loaded.Graph.Initializer[0]).Length : 0);
    }

    private string Pipe(string name)
    {
        string path = Path.Combine(files.Folder, name);
        using var make = Process.Start("mkfifo", path);
        make.WaitForExit();
        return path;
    }

    private string[] Everything() => [.. Directory.EnumerateFileSystemEntries(files.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static Diagnostic Refuse(Func<object> read) => Assert.Throws<HaqException>(read).Diagnostic;
}
