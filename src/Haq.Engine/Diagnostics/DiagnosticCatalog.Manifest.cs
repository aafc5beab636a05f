namespace Haq.Engine.Diagnostics;

/// <content>00xx: YAML and the manifest.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>Not well-formed YAML.</summary>
    public static readonly DiagnosticDescriptor YamlSyntax = new("HAQ0001", "The file is not well-formed YAML", ExitCode.Usage);

    /// <summary>A key that does not exist.</summary>
    public static readonly DiagnosticDescriptor UnknownKey = new("HAQ0002", "Unknown key", ExitCode.Usage);

    /// <summary>A key that must be there is not.</summary>
    public static readonly DiagnosticDescriptor MissingKey = new("HAQ0003", "A required key is missing", ExitCode.Usage);

    /// <summary>A value of the wrong form, or out of range.</summary>
    public static readonly DiagnosticDescriptor InvalidValue = new("HAQ0004", "A value has the wrong form or is out of range", ExitCode.Usage);

    /// <summary>The same key twice.</summary>
    public static readonly DiagnosticDescriptor DuplicateKey = new("HAQ0005", "A key is given twice", ExitCode.Usage);

    /// <summary>The manifest cannot be read.</summary>
    public static readonly DiagnosticDescriptor ManifestUnreadable = new("HAQ0006", "The manifest cannot be read", ExitCode.Usage);

    /// <summary>Neither a budget nor bits.</summary>
    public static readonly DiagnosticDescriptor NoGoal = new("HAQ0007", "Nothing bounds the cost", ExitCode.Usage);

    /// <summary>A search strategy that does not exist.</summary>
    public static readonly DiagnosticDescriptor UnknownStrategy = new("HAQ0008", "Unknown search strategy", ExitCode.Usage);

    /// <summary>A manifest would be overwritten.</summary>
    public static readonly DiagnosticDescriptor ManifestExists = new("HAQ0009", "There is a manifest already", ExitCode.Usage);

    /// <summary>A word of the manifest that this version does not act on.</summary>
    public static readonly DiagnosticDescriptor NotBuilt = new("HAQ0010", "The setting is not built yet", ExitCode.Usage);

    /// <summary>Two settings exclude each other.</summary>
    public static readonly DiagnosticDescriptor SettingsConflict = new("HAQ0011", "Two settings exclude each other", ExitCode.Usage);

    /// <summary>Two cells of a matrix write one file.</summary>
    public static readonly DiagnosticDescriptor MatrixClash = new("HAQ0022", "Two cells of a matrix write one file", ExitCode.Usage);

    /// <summary>A pattern that no manifest matches.</summary>
    public static readonly DiagnosticDescriptor NoManifests = new("HAQ0023", "No manifest matches", ExitCode.Usage);
}
