using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>The sample's network built once for the processor that the tests run on, for all that look at what such a build leaves.</summary>
public sealed class BuiltForProcessor : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<bool> _built;

    public BuiltForProcessor() => _built = new Lazy<bool>(() =>
    {
        Prepare(_folder, "bits: 8");
        ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
        return true;
    });

    public void Dispose() => _folder.Dispose();

    /// <summary>Puts the inputs, the manifest and what was built of them, with its cache, into a folder.</summary>
    internal void CopyTo(TemporaryFolder folder)
    {
        Assert.True(_built.Value);
        foreach (string file in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            string copy = folder[Path.GetRelativePath(_folder.Path, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Puts the inputs and a manifest into a folder.</summary>
    internal static void Prepare(TemporaryFolder folder, string lines)
    {
        foreach (string file in new[] { "fashion-mobilenet.onnx", "evaluation-images-idx3-ubyte.gz", "evaluation-labels-idx1-ubyte.gz" })
            File.Copy(Shared.File($"sample/{file}"), folder[file]);
        File.WriteAllText(folder["haq.yaml"], $$"""
            model: fashion-mobilenet.onnx
            hardware: {name: onnxruntime, threads: 1, batch: 1}
            data:
              preprocess: {scale: 255}
              calibration: {path: evaluation-images-idx3-ubyte.gz, samples: 32}
              evaluation: {path: evaluation-images-idx3-ubyte.gz, labels: evaluation-labels-idx1-ubyte.gz, samples: 300}
            {{lines}}

            """);
    }
}
