namespace Haq.Engine.Diagnostics;

/// <content>03xx: reading models.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>There is no file at the model's path, or it cannot be opened.</summary>
    public static readonly DiagnosticDescriptor ModelNotFound = new("HAQ0301", "The model file cannot be opened", ExitCode.Model);

    /// <summary>The bytes are not an ONNX model, or end too early.</summary>
    public static readonly DiagnosticDescriptor NotOnnx = new("HAQ0302", "The file is not a complete ONNX model", ExitCode.Model);

    /// <summary>The model has no graph, no nodes or no outputs.</summary>
    public static readonly DiagnosticDescriptor EmptyGraph = new("HAQ0303", "The model's graph is empty", ExitCode.Model);

    /// <summary>Weights kept in another file are missing, too short, or outside the model's folder.</summary>
    public static readonly DiagnosticDescriptor ExternalData = new("HAQ0304", "The model's external data cannot be read", ExitCode.Model);

    /// <summary>The graph contradicts itself.</summary>
    public static readonly DiagnosticDescriptor InvalidGraph = new("HAQ0305", "The model's graph is not valid", ExitCode.Model);

    /// <summary>The operator set is too old, too new, or cannot be raised.</summary>
    public static readonly DiagnosticDescriptor UnsupportedOpset = new("HAQ0306", "The model's operator set is not supported", ExitCode.Model);

    /// <summary>A tensor's shape cannot be worked out.</summary>
    public static readonly DiagnosticDescriptor UnknownShape = new("HAQ0307", "A tensor's shape cannot be worked out", ExitCode.Model);

    /// <summary>No layer can be quantized.</summary>
    public static readonly DiagnosticDescriptor NothingToQuantize = new("HAQ0308", "The model has nothing to quantize", ExitCode.Model);

    /// <summary>The model cannot be written.</summary>
    public static readonly DiagnosticDescriptor ModelNotWritten = new("HAQ0309", "The model cannot be written", ExitCode.Machine);

    /// <summary>ONNX Runtime does not accept the model.</summary>
    public static readonly DiagnosticDescriptor RuntimeRefused = new("HAQ0310", "ONNX Runtime refuses the model", ExitCode.Model);

    /// <summary>ONNX Runtime failed while it ran the model.</summary>
    public static readonly DiagnosticDescriptor RuntimeFailed = new("HAQ0311", "ONNX Runtime failed while running the model", ExitCode.Model);

    /// <summary>The model is quantized already.</summary>
    public static readonly DiagnosticDescriptor AlreadyQuantized = new("HAQ0312", "The model is quantized already", ExitCode.Model);

    /// <summary>The model that is quantized computes something else than the one that was read.</summary>
    public static readonly DiagnosticDescriptor PreparationChanged = new("HAQ0313", "Preparing the model changed what it computes", ExitCode.Model);

    /// <summary>ONNX Runtime's default session computes something else than the file says.</summary>
    public static readonly DiagnosticDescriptor DefaultSessionDiffers = new("HAQ0314", "ONNX Runtime's default session changes the exported file", ExitCode.Model);

    /// <summary>The same, and the manifest takes it.</summary>
    public static readonly DiagnosticDescriptor DefaultSessionAccepted = new("HAQ1301", "ONNX Runtime's default session changes the exported file, as accepted", ExitCode.Ok);

    /// <summary>A model that should be in QDQ form is not.</summary>
    public static readonly DiagnosticDescriptor NotQdq = new("HAQ0321", "The model is not in QDQ form", ExitCode.Model);

    /// <summary>An operator of integers stands for no operator of reals between pairs.</summary>
    public static readonly DiagnosticDescriptor NoPairForm = new("HAQ0322", "An integer operator cannot be written in QDQ form", ExitCode.Model);
}
