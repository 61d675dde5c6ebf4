package io.github.litestream4j;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.RandomAccessFile;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The arrows between the packages, and the one class that may open the database.
 */
@AnalyzeClasses(packages = ArchitectureTests.ROOT, importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	static final String ROOT = "io.github.litestream4j";

	private static final String OPENER = ROOT + ".database.PageFile";

	/**
	 * Classes that open files where a database is near, and why that is safe. SQLite's
	 * locks are POSIX locks: closing any descriptor of the database or its -shm file
	 * drops all locks that this process holds on it.
	 */
	private static final Map<String, String> OTHER_FILES_ONLY = Stream
		.of("replication.Staging", "replication.StagedChecksum", "replication.StagedOutput", "replication.SteadyFile",
				"replication.PageChecksums", "replication.FormerChecksums", "replication.GenerationLog",
				"replication.IdentityFile", "session.SessionLock", "scratch.ScratchFolder", "scratch.WholeFile")
		.collect(Collectors.toMap((name) -> ROOT + "." + name,
				(name) -> "our own files in the staging folder, or beside the database"));

	private static final Set<Class<?>> OPENING_CONSTRUCTORS = Set.of(RandomAccessFile.class, FileInputStream.class,
			FileOutputStream.class, FileReader.class, FileWriter.class);

	@ArchTest
	static final ArchRule ltxKnowsTemporaryFiles = knowsOnly("ltx", "scratch");

	@ArchTest
	static final ArchRule walKnowsTemporaryFiles = knowsOnly("wal", "scratch");

	@ArchTest
	static final ArchRule temporaryFilesKnowNothingElse = knowsOnly("scratch");

	@ArchTest
	static final ArchRule databaseKnowsTheWal = knowsOnly("database", "wal");

	@ArchTest
	static final ArchRule storageKnowsLtx = knowsOnly("storage", "ltx");

	@ArchTest
	static final ArchRule replicationKnowsWhatItMoves = knowsOnly("replication", "ltx", "wal", "database", "storage",
			"scratch", "history");

	@ArchTest
	static final ArchRule historyKnowsTheStoredFiles = knowsOnly("history", "ltx", "storage", "restore", "scratch");

	@ArchTest
	static final ArchRule restoreKnowsTheStoredFiles = knowsOnly("restore", "ltx", "storage", "scratch", "wal");

	@ArchTest
	static final ArchRule onlyTheLegacyReaderKnowsTheWal = noClasses().that(resideInAPackage(ROOT + ".restore"))
		.should()
		.dependOnClassesThat(resideInAPackage(within("wal")))
		.because("only Litestream 0.3 stored WALs");

	@ArchTest
	static final ArchRule jdbcKnowsNothingElse = knowsOnly("jdbc");

	@ArchTest
	static final ArchRule nothingKnowsTheSession = noClasses().that(resideOutsideOfPackage(ROOT + ".session.."))
		.should()
		.dependOnClassesThat(resideInAPackage(ROOT + ".session.."))
		.because("it is the front door, and doors are opened from outside");

	@ArchTest
	static final ArchRule packagesHaveNoCycles = SlicesRuleDefinition.slices()
		.matching(ROOT + ".(**)")
		.should()
		.beFreeOfCycles();

	@ArchTest
	static final ArchRule engineIsPlainJava = noClasses().should()
		.dependOnClassesThat(resideInAnyPackage("org.springframework..", "io.micrometer..", "tools.jackson..",
				"com.fasterxml.jackson.."))
		.because("the engine is used without Spring too");

	@ArchTest
	static final ArchRule awsIsOptional = noClasses().that(resideOutsideOfPackage(ROOT + ".storage.s3.."))
		.should()
		.dependOnClassesThat(resideInAPackage("software.amazon.."))
		.because("a replica in a folder needs no AWS SDK");

	@ArchTest
	static final ArchRule f12OneClassOpensTheDatabase = noClasses()
		.that(resideInAnyPackage(within("database"), within("replication"), within("session"), within("jdbc"),
				within("scratch")))
		.and(DescribedPredicate.not(isAnyOf(OPENER, OTHER_FILES_ONLY.keySet())))
		.should()
		.accessTargetWhere(opensAFile())
		.because("closing any descriptor of the database or its -shm drops SQLite's locks on it. "
				+ "A class that opens only other files is added to OTHER_FILES_ONLY, with its reason");

	@ArchTest
	static void allExceptionsAreNeeded(JavaClasses classes) {
		for (String name : OTHER_FILES_ONLY.keySet()) {
			assertThat(classes.get(name).getAccessesFromSelf()).as(name).anyMatch(opensAFile());
		}
		assertThat(classes.get(OPENER).getAccessesFromSelf()).as(OPENER).anyMatch(opensAFile());
	}

	@ArchTest
	static void f01NoDatabaseIsOpenedBeforeItsDriverIsFoundSound(JavaClasses classes) {
		for (String opening : List.of("database.LiveDatabase.open", "replication.Prerequisites.check")) {
			int name = opening.lastIndexOf('.');
			assertThat(classes.get(ROOT + "." + opening.substring(0, name)).getMethods())
				.filteredOn((method) -> method.getName().equals(opening.substring(name + 1)))
				.singleElement()
				.satisfies((method) -> assertThat(method.getMethodCallsFromSelf())
					.anyMatch((call) -> call.getName().equals("requireSoundDriver")));
		}
	}

	private static ArchRule knowsOnly(String name, String... others) {
		String[] known = Stream.concat(Stream.of(name), Arrays.stream(others))
			.map(ArchitectureTests::within)
			.toArray(String[]::new);
		DescribedPredicate<JavaClass> unknown = resideInAPackage(ROOT + "..")
			.and(DescribedPredicate.not(resideInAPackage(ROOT)))
			.and(DescribedPredicate.not(resideInAnyPackage(known)));
		return noClasses().that(resideInAPackage(within(name)))
			.should()
			.dependOnClassesThat(unknown)
			.as("Classes in '" + name + "' should know no other package of ours than " + Arrays.toString(others))
			.allowEmptyShould(true);
	}

	@ArchTest
	static final ArchRule exceptionsOfThisLibraryHaveOneRoot = classes().that()
		.areAssignableTo(RuntimeException.class)
		.should()
		.beAssignableTo(LitestreamException.class)
		.because("a caller catches one type");

	private static String within(String name) {
		return ROOT + "." + name + "..";
	}

	private static DescribedPredicate<JavaClass> isAnyOf(String opener, Set<String> others) {
		return DescribedPredicate.describe("allowed to open files", (type) -> {
			String outermost = type.getName().split("\\$")[0];
			return opener.equals(outermost) || others.contains(outermost);
		});
	}

	private static DescribedPredicate<JavaAccess<?>> opensAFile() {
		return DescribedPredicate.describe("opens a file", (access) -> {
			JavaClass owner = access.getTargetOwner();
			String name = access.getTarget().getName();
			if (owner.isEquivalentTo(Files.class)) {
				return name.startsWith("new") && !name.equals("newDirectoryStream")
						|| name.startsWith("read") && !name.equals("readAttributes") && !name.equals("readSymbolicLink")
						|| name.startsWith("write") || name.equals("copy") || name.equals("lines")
						|| name.equals("mismatch");
			}
			if (owner.isEquivalentTo(FileChannel.class) || owner.isEquivalentTo(AsynchronousFileChannel.class)) {
				return name.equals("open");
			}
			return name.equals("<init>") && OPENING_CONSTRUCTORS.stream().anyMatch(owner::isEquivalentTo);
		});
	}

}
