using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Tests.Quantization.Smoothing;

namespace Haq.Engine.Tests.Onnx;

/// <summary>What the constants of huge networks are kept in, and when that goes.</summary>
public sealed class ProcessFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_goes_with_its_owner_and_leaves_nothing()
    {
        var made = ProcessFolder.Create(_folder.Path);
        File.WriteAllText(Path.Combine(made.Path, ProcessFolder.FileName), "1");
        Assert.StartsWith(_folder.Path, made.Path, StringComparison.Ordinal);
        made.Dispose();
        made.Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_sweep_removes_what_the_dead_left_and_nothing_of_the_living()
    {
        using var living = ProcessFolder.Create(_folder.Path);
        File.WriteAllText(Path.Combine(living.Path, ProcessFolder.FileName), "1");
        var (dead, empty) = (Left(), Left());
        File.Delete(Path.Combine(empty, ProcessFolder.FileName));
        // Killed between the lock and the folder.
        string early = Left();
        Directory.Delete(early, recursive: true);
        Assert.Equal(3, ProcessFolder.Sweep(_folder.Path));
        Assert.False(Directory.Exists(dead) || Directory.Exists(empty));
        Assert.True(File.Exists(Path.Combine(living.Path, ProcessFolder.FileName)));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
        Assert.Equal(0, ProcessFolder.Sweep(_folder.Path));
        living.Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_sweep_leaves_what_is_not_ours()
    {
        // No lock file: nobody can tell whose it is.
        string bare = Left();
        File.Delete(Lock(bare));
        // Something that we do not write.
        string strange = Left();
        File.WriteAllText(Path.Combine(strange, "thesis.txt"), "1");
        // Other names.
        Directory.CreateDirectory(_folder["haq-abc"]);
        File.WriteAllText(_folder["haq-abc.lock"], "");
        // A link to a folder of somebody's.
        string link = Left();
        Directory.Delete(link, recursive: true);
        Directory.CreateDirectory(_folder["theirs"]);
        File.WriteAllText(Path.Combine(_folder["theirs"], ProcessFolder.FileName), "1");
        try
        {
            Directory.CreateSymbolicLink(link, _folder["theirs"]);
        }
        catch (IOException) when (OperatingSystem.IsWindows())
        {
            Assert.Skip("this account of Windows may make no links");
        }
        Assert.Equal(0, ProcessFolder.Sweep(_folder.Path));
        Assert.True(File.Exists(Path.Combine(bare, ProcessFolder.FileName)));
        Assert.True(File.Exists(Path.Combine(strange, "thesis.txt")));
        Assert.True(File.Exists(Lock(strange)));
        Assert.True(Directory.Exists(_folder["haq-abc"]));
        Assert.True(File.Exists(Path.Combine(_folder["theirs"], ProcessFolder.FileName)));
        Assert.Equal(0, ProcessFolder.Sweep(_folder["nowhere"]));
    }

    [Fact]
    public void Sweeps_beside_each_other_take_no_folder_that_is_being_made()
    {
        Parallel.For(0, 64, i =>
        {
            if (i % 2 == 1)
            {
                ProcessFolder.Sweep(_folder.Path);
                return;
            }
            using var made = ProcessFolder.Create(_folder.Path);
            string file = Path.Combine(made.Path, ProcessFolder.FileName);
            File.WriteAllText(file, "1");
            ProcessFolder.Sweep(_folder.Path);
            Assert.True(File.Exists(file));
        });
        ProcessFolder.Sweep(_folder.Path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Opening_a_manifest_sweeps()
    {
        string dead = Left(Path.GetTempPath());
        ActivationSmoothingTests.Network("Relu", 0, 3).Save(_folder["m.onnx"]);
        File.WriteAllText(_folder["haq.yaml"], "model: m.onnx\nhardware: {name: onnxruntime, threads: 1}\nbits: 8\n");
        using var workspace = Workspace.Open(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
        Assert.False(Directory.Exists(dead));
        Assert.False(File.Exists(Lock(dead)));
    }

    [Fact]
    public void The_constants_of_a_smoothed_model_go_with_the_run()
    {
        OnnxModel even;
        using (var runner = new StageRunner(new StageCache(_folder["cache"]), () => { }, null, CancellationToken.None))
        {
            var model = runner.Add(new ReadyStage(), () => new Nothing()).Value;
            using var data = ActivationSmoothingTests.Data();
            var smoothed = ActivationSmoothing.Choose(model, data, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken);
            even = model.Changed(smoothed, () => model.Rewritten(SmoothedGraph.Write(model, smoothed, inFile: true), ["first_a"])).Float;
            Assert.True(Directory.Exists(even.External.Folder));
            // Another form does not take away what somebody still quantizes.
            var other = model.Changed("other", () => model.Rewritten(SmoothedGraph.Write(model, smoothed, inFile: true), ["first_a"])).Float;
            Assert.NotEqual(even.External.Folder, other.External.Folder);
            Assert.All(new[] { even, other }, form => Assert.NotEmpty(form.DataFiles()));
        }
        Assert.False(Directory.Exists(even.External.Folder));
        Assert.False(File.Exists(Lock(even.External.Folder!)));
    }

    // What a killed process leaves: its folder, and a lock file that nobody has open.
    private string Left(string? parent = null)
    {
        string path;
        using (var made = ProcessFolder.Create(parent ?? _folder.Path)) path = made.Path;
        // The lock last: another test's sweep may see it in the folder of all.
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, ProcessFolder.FileName), "1");
        File.WriteAllText(Lock(path), "");
        return path;
    }

    private static string Lock(string folder) => folder + ".lock";

    private sealed record Nothing;

    private sealed class ReadyStage : Stage<Nothing, QuantizableModel>
    {
        public override string Name => "ready";

        public override QuantizableModel Run(Nothing inputs, StageScope scope) => QuantizableModel.Prepare(ActivationSmoothingTests.Network("Relu", 0, 3));
    }
}
