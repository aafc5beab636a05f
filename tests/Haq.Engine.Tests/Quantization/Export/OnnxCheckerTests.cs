using System.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Export;

namespace Haq.Engine.Tests.Quantization.Export;

/// <summary>Exports under ONNX's own checker, where Debian's python3-onnx is installed. Its release, 1.12, reads operator sets up to 17; QONNX files have 13.</summary>
public sealed class OnnxCheckerTests
{
    private const string Script = """
        import sys, onnx
        from onnx import checker, helper, shape_inference
        model = onnx.load(sys.argv[1])
        # The checker knows no foreign operators but lets them pass; what it checks is every other node, every tensor and every name.
        checker.check_model(model)
        inferred = shape_inference.infer_shapes(model, check_type=False)
        print(len(model.graph.node), len(model.graph.value_info), [o.name for o in model.graph.output])
        """;

    [Fact]
    public void The_checker_accepts_qonnx_files()
    {
        foreach (var source in new[] { SmallNetworks.Residual(), SmallNetworks.Tokens() })
        {
            var model = QonnxExporter.Export(QonnxExporterTests.Quantized(source, new LayerBits(4, 6), junctions: true));
            Assert.Contains("['y']", Check(model), StringComparison.Ordinal);
        }
    }

    private static string Check(OnnxModel model)
    {
        const string python = "/usr/bin/python3";
        if (!File.Exists(python)) Assert.Skip("needs python3 with onnx");
        string path = Path.Combine(Path.GetTempPath(), $"haq-{Guid.NewGuid():n}.onnx");
        try
        {
            model.Save(path);
            var start = new ProcessStartInfo(python) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in new[] { "-c", Script, path }) start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            string error = errors.GetAwaiter().GetResult();
            if (error.Contains("No module named", StringComparison.Ordinal)) Assert.Skip("needs python3 with onnx");
            Assert.True(process.ExitCode == 0, error);
            return output;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
