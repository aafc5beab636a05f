using Haq.Engine.Layers;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Haq.Engine.Tests.Architecture;

/// <summary>The rooms of the engine, a namespace each, and what its code uses: signatures and method bodies, not just using lines.</summary>
internal static class Rooms
{
    private const string Root = "Haq.Engine.";

    /// <summary>Roof first. Rooms on one line are strangers; the rooms of the ground floor may use those that follow them.</summary>
    public static readonly string[][] Floors =
    [
        ["Pipeline"],
        ["Manifest", "Reporting"],
        ["Search"],
        ["Evaluation"],
        ["Training"],
        ["Quantization"],
        ["Data", "Autodiff"],
        ["Graphs"],
        ["Runtime", "Dialects"],
        ["Onnx", "Hardware"],
        ["Layers"], ["Yaml"], ["Diagnostics"], ["Numerics"], ["Files"],
    ];

    private static readonly ModuleDefinition s_engine = ModuleDefinition.ReadModule(typeof(Policy).Assembly.Location);

    /// <summary>Every type of the engine, nested ones too.</summary>
    public static IEnumerable<TypeDefinition> Types => s_engine.GetTypes();

    public static int FloorOf(string room) => Array.FindIndex(Floors, floor => floor.Contains(room));

    /// <summary>The room of a type; empty for types of others.</summary>
    public static string RoomOf(string fullName) => Parts(fullName) is [var room, ..] ? room : "";

    /// <summary>The folder inside its room; empty for types that lie in the room itself.</summary>
    public static string FolderOf(string fullName) => Parts(fullName) is [_, var folder, ..] ? folder : "";

    /// <summary>Where a type lies: <c>Room/Folder/Folder</c>; a type of the room itself is a place of its own, <c>Room.Type</c>. Empty for types of others.</summary>
    public static string PlaceOf(string fullName) => Parts(fullName) switch
    {
        [] => "",
        [var room] => $"{room}.{fullName.Split('/')[0].Split('.')[^1]}",
        var folders => string.Join('/', folders),
    };

    private static string[] Parts(string fullName)
    {
        if (!fullName.StartsWith(Root, StringComparison.Ordinal)) return [];
        string[] parts = fullName[Root.Length..].Split('/')[0].Split('.');
        return parts.Length == 1 ? ["(root)"] : parts[..^1];
    }

    public static IEnumerable<(TypeReference Used, string Where)> UsedTypes(TypeDefinition type)
    {
        if (type.BaseType is { } parent) foreach (var t in PartsOf(parent)) yield return (t, type.FullName);
        foreach (var implemented in type.Interfaces) foreach (var t in PartsOf(implemented.InterfaceType)) yield return (t, type.FullName);
        foreach (var attribute in type.CustomAttributes) yield return (attribute.AttributeType, type.FullName);
        foreach (var field in type.Fields) foreach (var t in PartsOf(field.FieldType)) yield return (t, field.FullName);
        foreach (var method in type.Methods)
        {
            foreach (var t in PartsOf(method.ReturnType)) yield return (t, method.FullName);
            foreach (var parameter in method.Parameters) foreach (var t in PartsOf(parameter.ParameterType)) yield return (t, method.FullName);
            if (!method.HasBody) continue;
            foreach (var local in method.Body.Variables) foreach (var t in PartsOf(local.VariableType)) yield return (t, method.FullName);
            foreach (var instruction in method.Body.Instructions)
            {
                foreach (var operand in Operand(instruction))
                    foreach (var t in PartsOf(operand)) yield return (t, method.FullName);
            }
        }
    }

    private static IEnumerable<TypeReference> Operand(Instruction instruction)
    {
        switch (instruction.Operand)
        {
            case TypeReference type:
                yield return type;
                break;
            case MethodReference method:
                yield return method.DeclaringType;
                yield return method.ReturnType;
                foreach (var parameter in method.Parameters) yield return parameter.ParameterType;
                if (method is GenericInstanceMethod generic) foreach (var argument in generic.GenericArguments) yield return argument;
                break;
            case FieldReference field:
                yield return field.DeclaringType;
                yield return field.FieldType;
                break;
        }
    }

    private static IEnumerable<TypeReference> PartsOf(TypeReference type)
    {
        yield return type.GetElementType();
        if (type is GenericInstanceType generic)
        {
            foreach (var argument in generic.GenericArguments)
                foreach (var part in PartsOf(argument)) yield return part;
        }
        else if (type is TypeSpecification { ElementType: { } element })
        {
            foreach (var part in PartsOf(element)) yield return part;
        }
    }
}
