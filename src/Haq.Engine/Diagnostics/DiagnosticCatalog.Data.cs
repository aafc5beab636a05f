namespace Haq.Engine.Diagnostics;

/// <content>01xx: data.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>A data file cannot be read.</summary>
    public static readonly DiagnosticDescriptor DataUnreadable = new("HAQ0101", "A data file cannot be read", ExitCode.Usage);

    /// <summary>A data file is damaged, or not of its format.</summary>
    public static readonly DiagnosticDescriptor DataDamaged = new("HAQ0102", "A data file is damaged, or not of its format", ExitCode.Usage);

    /// <summary>Samples do not have the shape of the model's input.</summary>
    public static readonly DiagnosticDescriptor DataShape = new("HAQ0103", "The data does not fit the model's input", ExitCode.Usage);

    /// <summary>Labels are missing, out of range, or not as many as samples.</summary>
    public static readonly DiagnosticDescriptor DataLabels = new("HAQ0104", "The labels do not fit", ExitCode.Usage);

    /// <summary>No samples.</summary>
    public static readonly DiagnosticDescriptor DataEmpty = new("HAQ0105", "A data set is empty", ExitCode.Usage);

    /// <summary>A value that the model cannot take.</summary>
    public static readonly DiagnosticDescriptor DataValue = new("HAQ0106", "A sample holds a value that the model cannot take", ExitCode.Usage);

    /// <summary>The manifest does not say enough about a data file.</summary>
    public static readonly DiagnosticDescriptor DataUndescribed = new("HAQ0107", "A data file needs more description", ExitCode.Usage);

    /// <summary>It is not clear which array feeds which input.</summary>
    public static readonly DiagnosticDescriptor DataInputs = new("HAQ0108", "Arrays and the model's inputs do not match", ExitCode.Usage);

    /// <summary>Images that cannot be decoded.</summary>
    public static readonly DiagnosticDescriptor DataImages = new("HAQ0109", "Images cannot be decoded", ExitCode.Usage);

    /// <summary>No data, where some is needed.</summary>
    public static readonly DiagnosticDescriptor DataMissing = new("HAQ0110", "No data", ExitCode.Usage);

    /// <summary>A line of a list of shards.</summary>
    public static readonly DiagnosticDescriptor ShardList = new("HAQ0111", "A list of shards is not as it should be", ExitCode.Usage);

    /// <summary>A shard does not hold what its list says, or not what the others hold.</summary>
    public static readonly DiagnosticDescriptor ShardDiffers = new("HAQ0112", "A shard is not what its list says", ExitCode.Usage);

    /// <summary>Images that were left out.</summary>
    public static readonly DiagnosticDescriptor ImagesLeftOut = new("HAQ1101", "Unreadable images were left out", ExitCode.Ok);
}
