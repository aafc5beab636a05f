using Haq.Engine.Onnx;

namespace Haq.Engine.Runtime;

/// <summary>A model in a folder of its own that goes with it: large ones reach ONNX Runtime as a file with external data, which it maps.</summary>
internal sealed class TemporaryModel : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("haq-").FullName;

    private TemporaryModel() => Path = System.IO.Path.Combine(_folder, "model.onnx");

    /// <summary>The model's file.</summary>
    public string Path { get; }

    /// <summary>Writes the model.</summary>
    public static TemporaryModel Save(OnnxModel model)
    {
        var file = new TemporaryModel();
        try
        {
            model.Save(file.Path, new ModelSaveOptions(ExternalData: true));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system clears its temporary folder in time.
        }
    }
}
